-- A process of a plain Scrapy project takes part in the run of its name, or says that it still does.
-- ARGV: process, ttl_ms, over (a run that the process found with nothing waiting; 0 = none), shards.
-- A run that is over ends only where nobody is there: the next one begins. Returns its number and its shards.
local members = P .. 'members'
redis.call('ZREMRANGEBYSCORE', members, '-inf', now - tonumber(ARGV[2]))
redis.call('SETNX', P .. 'run', 1)
if redis.call('GET', P .. 'run') == ARGV[3] and redis.call('ZCARD', members) == 0 then
  redis.call('SADD', P .. 'stale', ARGV[3])
  redis.call('INCR', P .. 'run')
end
redis.call('ZADD', members, now, ARGV[1])
local run = redis.call('GET', P .. 'run')
redis.call('HSETNX', P .. 'shards', run, ARGV[4])
return { run, redis.call('HGET', P .. 'shards', run) }
