-- A page enters from outside the frontier (replay, files). ARGV: page_id, source, page, body.
-- Due at once, so that the sweeper hints it. Returns 1, or 0 where it is in flight already.
if redis.call('ZSCORE', P .. 'pages', ARGV[1]) then return 0 end
put_page(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
admit(ARGV[2])
return 1
