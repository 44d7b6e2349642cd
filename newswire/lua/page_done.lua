-- A worker's hand-over: the article into the stream, the page's lease ended, its body released; in one step.
-- ARGV: page_id, token, article_id, url, is_own_canonical, version_ms, partition, trace_id, article, is_fresh
-- ('0': fetched long ago, so that its age is no measure).
-- Returns "stored", "same_article" (another URL of the same article is the one that is kept) or "lost".
local page_id = ARGV[1]
local key = P .. 'page:' .. page_id
if redis.call('HGET', key, 'token') ~= ARGV[2] then return 'lost' end
local source = redis.call('HGET', key, 'source')
local page, took_ms = redis.call('HGET', key, 'page'), since(redis.call('HGET', key, 'taken_at'))
local known = redis.call('HGET', P .. 'known', ARGV[3])
local partition = ARGV[7]
if known then
  local first, owner = string.match(known, '^([^|]*)|[^|]*|[^|]*|(.*)$')
  partition = first
  if owner ~= ARGV[4] and ARGV[5] ~= '1' then
    remove_page(page_id)
    count(source, 'extract', 'duplicate', 'same_article')
    record(source, 'extract', 'duplicate', 'same_article', page, 'took_ms', took_ms)
    return 'same_article'
  end
end
redis.call('HSET', P .. 'known', ARGV[3], partition .. '|' .. ARGV[6] .. '|' .. source .. '|' .. ARGV[4])
redis.call('XADD', P .. 'articles', '*', 'article', ARGV[9], 'partition', partition, 'version_ms', ARGV[6],
           'source', source, 'trace_id', ARGV[8], 'url', ARGV[4], 'is_first', (known or ARGV[10] == '0') and '0' or '1')
remove_page(page_id)
count(source, 'extract', 'stored', 'article')
record(source, 'extract', 'stored', 'article', page, 'took_ms', took_ms)
return 'stored'
