-- Shared by every script: the server's clock, key names, counts, dead letters and pages.
-- KEYS[1] is always the shard's prefix "newswire:{shard}:"; all keys of a script carry its hash tag.
local P = KEYS[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function count(source, stage, outcome, reason)
  redis.call('HINCRBY', P .. 'counts', source .. '\t' .. stage .. '\t' .. outcome .. '\t' .. reason, 1)
end

-- One entry an outcome for whoever indexes them (newswire/outcomes.py), beside its count. `item` is JSON with the
-- item's url, crawl_id and trace_id; then pairs of a number's name and its value. A full stream is counted.
local function record(source, stage, outcome, reason, item, ...)
  local cap = tonumber(redis.call('GET', P .. 'outcomes_wanted') or '0')
  if cap == 0 then return end
  if redis.call('XLEN', P .. 'outcomes') >= cap then
    redis.call('HINCRBY', P .. 'load', 'outcomes_dropped', 1)
    return
  end
  redis.call('XADD', P .. 'outcomes', '*', 'stage', stage, 'outcome', outcome, 'reason', reason,
             'source', source or '', 'item', item or '', ...)
end

-- Milliseconds since a moment that a script wrote; '' where it wrote none.
local function since(moment)
  return moment and string.format('%.0f', now - tonumber(moment)) or ''
end

local function admit(source, n)
  redis.call('HINCRBY', P .. 'counts', source .. '\tadmitted', n or 1)
end

-- Dead letters are counted by stage and reason as they come and go, so that nobody must read them all to know.
local function count_letter(letter, n)
  local stage, reason = string.match(letter, '"stage":"([^"]*)","reason":"([^"]*)"')
  local name = (stage or '') .. '\t' .. (reason or '')
  if redis.call('HINCRBY', P .. 'dead_kinds', name, n) <= 0 then redis.call('HDEL', P .. 'dead_kinds', name) end
end

local function drop_letter(letter_id)
  local letter = redis.call('HGET', P .. 'letter:' .. letter_id, 'letter')
  if letter then count_letter(letter, -1) end
  redis.call('DEL', P .. 'letter:' .. letter_id)
  return redis.call('ZREM', P .. 'dead', letter_id)
end

local function bury(letter_id, letter, body)
  drop_letter(letter_id) -- the same URL may die twice
  count_letter(letter, 1)
  redis.call('HSET', P .. 'letter:' .. letter_id, 'letter', letter)
  if body then redis.call('HSET', P .. 'letter:' .. letter_id, 'body', body) end
  redis.call('ZADD', P .. 'dead', now, letter_id)
end

local function put_page(page_id, source, page, body, due)
  redis.call('HSET', P .. 'page:' .. page_id, 'page', page, 'source', source,
             'attempts', 0, 'state', 'waiting', 'bytes', #body)
  redis.call('SET', P .. 'body:' .. page_id, body)
  redis.call('ZADD', P .. 'pages', due, page_id)
  redis.call('ZADD', P .. 'page_ages', now, page_id)
  redis.call('HINCRBY', P .. 'load', 'bytes', #body)
end

local function remove_page(page_id)
  local bytes = tonumber(redis.call('HGET', P .. 'page:' .. page_id, 'bytes') or '0')
  redis.call('DEL', P .. 'page:' .. page_id, P .. 'body:' .. page_id)
  redis.call('ZREM', P .. 'pages', page_id)
  redis.call('ZREM', P .. 'page_ages', page_id)
  redis.call('HINCRBY', P .. 'load', 'bytes', -bytes)
end
