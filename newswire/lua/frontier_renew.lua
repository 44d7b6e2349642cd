-- ARGV: lease_ms, then lease ids. Returns for each the new deadline, or 0 where the lease is lost.
local result = {}
for i = 2, #ARGV do
  local deadline = 0
  if redis.call('HEXISTS', P .. 'leased', ARGV[i]) == 1 then
    deadline = now + tonumber(ARGV[1])
    redis.call('ZADD', P .. 'leases', string.format('%.0f', deadline), ARGV[i])
  end
  result[#result + 1] = string.format('%.0f', deadline)
end
return result
