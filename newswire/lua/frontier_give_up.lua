-- Bury a waiting URL. ARGV: host, fp, reason, letter_id, letter. Returns 1, or 0 if it is not waiting.
local raw = redis.call('HGET', P .. 'items:' .. ARGV[1], ARGV[2])
if not raw or redis.call('ZSCORE', P .. 'ready:' .. ARGV[1], ARGV[2]) == false then return 0 end
forget(ARGV[1], ARGV[2])
count(parse(raw).source, 'fetch', 'dead', ARGV[3])
record(parse(raw).source, 'fetch', 'dead', ARGV[3], parse(raw).json)
bury(ARGV[4], ARGV[5])
schedule(ARGV[1])
return 1
