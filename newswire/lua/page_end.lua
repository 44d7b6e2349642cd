-- A page ends without an article. ARGV: page_id, token, outcome, reason, letter_id, letter.
-- With a letter the body goes into it. Returns 1, or 0 where the page is not ours any more.
local key = P .. 'page:' .. ARGV[1]
if redis.call('HGET', key, 'token') ~= ARGV[2] then return 0 end
count(redis.call('HGET', key, 'source'), 'extract', ARGV[3], ARGV[4])
record(redis.call('HGET', key, 'source'), 'extract', ARGV[3], ARGV[4], redis.call('HGET', key, 'page'),
       'took_ms', since(redis.call('HGET', key, 'taken_at')))
if ARGV[5] ~= '' then bury(ARGV[5], ARGV[6], redis.call('GET', P .. 'body:' .. ARGV[1])) end
remove_page(ARGV[1])
return 1
