-- Claim one due source. KEYS[1]: the sorted set of due times (not a shard's prefix). ARGV: name, the due time
-- that the caller saw, the next one. Returns 1, or 0 where another tick was faster.
if redis.call('ZSCORE', P, ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZADD', P, ARGV[3], ARGV[1])
return 1
