"""What Spotify documented and nothing else: ids, JSON objects, paging, markets, the search grammar."""
