// npm install @spotify/web-api-ts-sdk@1.2.0
// node typescript-sdk.mjs http://127.0.0.1:8080 CLIENT_ID CLIENT_SECRET
import { SpotifyApi } from "@spotify/web-api-ts-sdk";

const [here, clientId, clientSecret] = process.argv.slice(2);
const moved = (address) =>
  String(address).replace("https://api.spotify.com", here).replace("https://accounts.spotify.com", here);
const original = globalThis.fetch;
globalThis.fetch = (address, options) => original(moved(address), options);

const sdk = SpotifyApi.withClientCredentials(clientId, clientSecret);
const albums = await sdk.browse.getNewReleases(undefined, 1);
const album = await sdk.albums.get(albums.albums.items[0].id);
const artist = await sdk.artists.get(album.artists[0].id);
const genres = await sdk.recommendations.genreSeeds();
const found = await sdk.search(album.name, ["album", "artist", "track", "playlist"]);
const advised = await sdk.recommendations.get({ seed_artists: [artist.id], limit: 3 });
const missing = await sdk.tracks.get("0".repeat(22)).catch((error) => error.message.includes("404"));
console.log(
  JSON.stringify({
    album: album.tracks.items.length > 0,
    artist: artist.followers.href === null,
    genres: genres.genres.length,
    found: found.albums.total > 0,
    advised: advised.tracks.length,
    missing,
  }),
);
