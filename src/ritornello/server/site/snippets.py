"""The lines that lead each client here, as docs/clients has them."""

from __future__ import annotations

from urllib.parse import urlsplit

_SPOTIPY = """\
import spotipy
from spotipy.oauth2 import SpotifyClientCredentials

SpotifyClientCredentials.OAUTH_TOKEN_URL = "HERE/api/token"
spotify = spotipy.Spotify(auth_manager=SpotifyClientCredentials("CLIENT ID", "CLIENT SECRET"))
spotify.prefix = "HERE/v1/"
"""
_TEKORE = """\
import tekore
from tekore._auth.expiring import client as accounts
from tekore._client import base

base.prefix = "HERE/v1/"
accounts.OAUTH_AUTHORIZE_URL = "HERE/authorize"
accounts.OAUTH_TOKEN_URL = "HERE/api/token"

credentials = tekore.Credentials("CLIENT ID", "CLIENT SECRET", "http://127.0.0.1:8888/callback")
spotify = tekore.Spotify(credentials.request_client_token())
"""
_TYPESCRIPT = """\
import { SpotifyApi } from "@spotify/web-api-ts-sdk";

const here = "HERE";
const moved = (address) => String(address).replace("https://api.spotify.com", here).replace("https://accounts.spotify.com", here);
const original = globalThis.fetch;
globalThis.fetch = (address, options) => original(moved(address), options);

const sdk = SpotifyApi.withClientCredentials("CLIENT ID", "CLIENT SECRET");
"""  # noqa: E501
_NODE = """\
const SpotifyWebApi = require("spotify-web-api-node");
const here = { host: "HOST", port: PORT, scheme: "SCHEME" };
require("spotify-web-api-node/src/webapi-request").builder = moved(require("spotify-web-api-node/src/webapi-request").builder, here);
require("spotify-web-api-node/src/authentication-request").builder = moved(require("spotify-web-api-node/src/authentication-request").builder, here);

function moved(builder, { host, port, scheme }) {
  return (token) => builder(token).withHost(host).withPort(port).withScheme(scheme);
}
"""  # noqa: E501
_RUST = """\
let config = rspotify::Config { api_base_url: "HERE/v1/".into(), auth_base_url: "HERE/".into(), ..Default::default() };
"""
_CURL = """\
token=$(curl -s -u "CLIENT ID:CLIENT SECRET" -d grant_type=client_credentials HERE/api/token | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')
curl -H "Authorization: Bearer $token" "HERE/v1/search?type=track&q=a"
"""  # noqa: E501

SNIPPETS = (
    ("spotipy", "spotipy", _SPOTIPY),
    ("tekore", "tekore", _TEKORE),
    ("typescript-sdk", "TypeScript SDK", _TYPESCRIPT),
    ("spotify-web-api-node", "spotify-web-api-node", _NODE),
    ("others", "rspotify", _RUST),
    ("", "curl", _CURL),
)
"""The page of docs/clients that has it, what it is called, and the lines."""


def written(here: str) -> list[tuple[str, str]]:
    """The lines for a server at this address."""
    parts = urlsplit(here)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    told = {"HERE": here, '"HOST"': f'"{parts.hostname}"', "PORT": str(port), '"SCHEME"': f'"{parts.scheme}"'}
    lines = []
    for _, name, text in SNIPPETS:
        for word, value in told.items():
            text = text.replace(word, value)
        lines.append((name, text))
    return lines
