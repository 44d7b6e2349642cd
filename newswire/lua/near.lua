-- Which earlier articles may have nearly this text? ARGV: article_id, signature, ttl_ms, then band keys.
-- Each band remembers its first article. Returns pairs article_id, signature of earlier ones.
local own, ttl = ARGV[1], ARGV[3]
local mine = P .. 'near:' .. own
local number = redis.call('HGET', mine, 'number') or redis.call('INCR', P .. 'near_number')
redis.call('HSET', mine, 'number', number, 'signature', ARGV[2])
redis.call('PEXPIRE', mine, ttl)
local result, told = {}, {}
for i = 4, #ARGV do
  local band = P .. 'band:' .. ARGV[i]
  local first = redis.call('GET', band)
  local other = first and first ~= own and not told[first] and redis.call('HMGET', P .. 'near:' .. first, 'number', 'signature')
  if other and other[1] and tonumber(other[1]) < tonumber(number) then
    told[first] = true
    result[#result + 1] = first
    result[#result + 1] = other[2]
  end
  if not first then redis.call('SET', band, own, 'PX', ttl) end
end
return result
