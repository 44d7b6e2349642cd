-- robots.txt of an origin is known. ARGV: lease_id, origin, rules, ttl_ms, crawl_delay_ms, delay_ms.
-- Returns 1, or 0 where the lease was lost (the rules are kept all the same: they are true).
redis.call('SET', P .. 'robots:' .. ARGV[2], ARGV[3], 'PX', ARGV[4])
local lease = end_lease(ARGV[1])
if not lease then return 0 end
local host = read_host(lease.host)
host.n = host.n - 1
host.failures = 0
redis.call('HDEL', P .. 'why', host.name)
hold(host, math.max(tonumber(ARGV[6]), tonumber(ARGV[5])))
host.crawl_delay_ms = tonumber(ARGV[5])
write_hosts({ host })
return 1
