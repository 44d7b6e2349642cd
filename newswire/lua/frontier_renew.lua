-- ARGV: lease_ms, then lease ids. Returns for each the new deadline, or 0 where the lease is lost.
local result = {}
for i = 2, #ARGV do
  local deadline = '0'
  local text = redis.call('HGET', P .. 'leased', ARGV[i])
  if text then
    deadline = string.format('%.0f', now + tonumber(ARGV[1]))
    redis.call('HSET', P .. 'leased', ARGV[i], (string.gsub(text, '^%d+', deadline)))
  end
  result[#result + 1] = deadline
end
return result
