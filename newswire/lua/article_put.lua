-- An article enters the stream again (replay). ARGV: article, article_id, version_ms, source, trace_id, url.
-- Its partition is that of its first sight, as the workers' hand-over recorded it.
local partition = string.match(redis.call('HGET', P .. 'known', ARGV[2]) or '', '^([^|]*)|')
if not partition then return redis.error_reply('NOTKNOWN article ' .. ARGV[2]) end
admit(ARGV[4])
return redis.call('XADD', P .. 'articles', '*', 'article', ARGV[1], 'partition', partition, 'version_ms', ARGV[3],
                  'source', ARGV[4], 'trace_id', ARGV[5], 'url', ARGV[6])
