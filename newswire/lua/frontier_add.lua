-- ARGV: force, then for each candidate: host, fingerprint, bucket, not_before_ms, record.
-- Returns one number each: 1 admitted, 0 known already.
local force = ARGV[1] == '1'
local result = {}
for i = 2, #ARGV, 5 do
  local host, fp, bucket, not_before, record = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  local is_new = redis.call('SADD', P .. 'seen:' .. bucket, fp) == 1
  local waits = redis.call('HEXISTS', P .. 'items:' .. host, fp) == 1
  if (is_new or force) and not waits then
    local item = parse(record)
    redis.call('HSET', P .. 'items:' .. host, fp, record)
    redis.call('HINCRBY', P .. 'load', 'urls', 1)
    if not_before > now then
      redis.call('ZADD', P .. 'later:' .. host, not_before, fp)
    else
      redis.call('ZADD', P .. 'ready:' .. host, ready_score(item), fp)
    end
    admit(item.source)
    schedule(host)
    result[#result + 1] = 1
  else
    result[#result + 1] = 0
  end
end
return result
