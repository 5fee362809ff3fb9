// npm install spotify-web-api-node@5
// node spotify-web-api-node.mjs 127.0.0.1 8080 CLIENT_ID CLIENT_SECRET
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const [host, port, clientId, clientSecret] = process.argv.slice(2);
for (const name of ["webapi-request", "authentication-request"]) {
  const requests = require(`spotify-web-api-node/src/${name}`);
  const original = requests.builder;
  requests.builder = (token) => original(token).withHost(host).withPort(Number(port)).withScheme("http");
}
const SpotifyWebApi = require("spotify-web-api-node");

const api = new SpotifyWebApi({ clientId, clientSecret });
api.setAccessToken((await api.clientCredentialsGrant()).body.access_token);
const releases = (await api.getNewReleases({ limit: 1 })).body.albums;
const album = (await api.getAlbum(releases.items[0].id)).body;
const artist = album.artists[0].id;
const top = (await api.getArtistTopTracks(artist, "US")).body.tracks;
const genres = (await api.getAvailableGenreSeeds()).body.genres;
const advised = (await api.getRecommendations({ seed_artists: [artist], limit: 3 })).body;
const found = (await api.searchTracks(top[0].name)).body.tracks;
const several = (await api.getTracks([top[0].id, top[0].id])).body.tracks;
const missing = await api.getTrack("0".repeat(22)).catch((error) => error.statusCode);
console.log(
  JSON.stringify({
    album: album.name.length > 0,
    top: top.length > 0,
    genres: genres.length,
    advised: advised.tracks.length,
    found: found.total > 0,
    several: several.length,
    missing,
  }),
);
