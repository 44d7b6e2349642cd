-- A page enters from outside the frontier (replay, files). ARGV: page_id, source, page, body.
-- Due at once, so that the sweeper hints it. Returns 1, or 0 where it is in flight already.
if redis.call('ZSCORE', P .. 'pages', ARGV[1]) then return 0 end
redis.call('HSET', P .. 'page:' .. ARGV[1], 'page', ARGV[3], 'source', ARGV[2],
           'attempts', 0, 'state', 'waiting', 'bytes', #ARGV[4])
redis.call('SET', P .. 'body:' .. ARGV[1], ARGV[4])
redis.call('ZADD', P .. 'pages', now, ARGV[1])
redis.call('ZADD', P .. 'page_ages', now, ARGV[1])
redis.call('HINCRBY', P .. 'load', 'bytes', #ARGV[4])
admit(ARGV[2])
return 1
