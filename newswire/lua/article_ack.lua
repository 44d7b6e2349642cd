-- The index's word on one article. ARGV: entry_id, group, source, outcome, reason, letter_id, letter, freshness_ms
-- ('' = not known), then pairs field, n of the histograms of its way here (newswire/freshness.py).
-- Returns 1, or 0 where somebody acknowledged it before.
if redis.call('XACK', P .. 'articles', ARGV[2], ARGV[1]) == 0 then return 0 end
local is_wanted = redis.call('EXISTS', P .. 'outcomes_wanted') == 1
local entry = is_wanted and redis.call('XRANGE', P .. 'articles', ARGV[1], ARGV[1])[1]
redis.call('XDEL', P .. 'articles', ARGV[1])
count(ARGV[3], 'index', ARGV[4], ARGV[5])
if entry then
  local told = {}
  for i = 1, #entry[2], 2 do told[entry[2][i]] = entry[2][i + 1] end
  local crawl_id = string.match(told.article, '"crawl_id":"([^"]*)"')
  local item = cjson.encode({ url = told.url, trace_id = told.trace_id, crawl_id = crawl_id or '' })
  record(ARGV[3], 'index', ARGV[4], ARGV[5], item, 'waited_ms', since(string.match(ARGV[1], '^%d+')),
         'age_ms', since(told.version_ms), 'freshness_ms', ARGV[8])
end
if ARGV[4] == 'stored' then redis.call('HSET', P .. 'last_indexed', ARGV[3], string.format('%.0f', now)) end
for i = 9, #ARGV, 2 do redis.call('HINCRBY', P .. 'freshness', ARGV[i], ARGV[i + 1]) end
if ARGV[6] ~= '' then bury(ARGV[6], ARGV[7]) end
return 1
