-- The worker child that had these pages is gone. ARGV: page ids. Those taken are due at once for the sweep.
local n = 0
for _, page_id in ipairs(ARGV) do
  if redis.call('HGET', P .. 'page:' .. page_id, 'state') == 'taken' then
    redis.call('ZADD', P .. 'pages', 'XX', now, page_id)
    n = n + 1
  end
end
return n
