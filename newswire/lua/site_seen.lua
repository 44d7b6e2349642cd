-- Remember an article of a site, the newest first. ARGV: site, sighting, limit (articles), ttl_ms.
-- Returns the sightings of its other articles. A sighting (workers/sitememory.py) begins with 8 bytes that an article's
-- versions share and 8 that its copies share: what has either in common with the new one gives its place to it, so that
-- running twice is running once.
local key, own = P .. 'site:' .. ARGV[1], ARGV[2]
local article, title = string.sub(own, 1, 8), string.sub(own, 9, 16)
local others = {}
for _, seen in ipairs(redis.call('LRANGE', key, 0, -1)) do
  if string.sub(seen, 1, 8) == article or string.sub(seen, 9, 16) == title then
    redis.call('LREM', key, 1, seen)
  else
    others[#others + 1] = seen
  end
end
redis.call('LPUSH', key, own)
redis.call('LTRIM', key, 0, tonumber(ARGV[3]) - 1)
redis.call('PEXPIRE', key, ARGV[4])
return others
