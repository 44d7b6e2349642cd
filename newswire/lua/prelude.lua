-- Shared by every script: the server's clock, key names, records, host queue and counts.
-- KEYS[1] is always the shard's prefix "newswire:{shard}:"; all keys of a script carry its hash tag.
local P = KEYS[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

-- A waiting or leased URL: "attempts|losses|delay_ms|source|origin|priority|candidate as JSON".
local function parse(record)
  local attempts, losses, delay, source, origin, priority, json =
    string.match(record, '^(%d+)|(%d+)|(%d+)|([^|]*)|([^|]*)|(-?%d+)|(.*)$')
  return { attempts = tonumber(attempts), losses = tonumber(losses), delay = tonumber(delay),
           source = source, origin = origin, priority = tonumber(priority), json = json }
end

local function format(item)
  return string.format('%d|%d|%d|%s|%s|%d|%s', item.attempts, item.losses, item.delay,
                       item.source, item.origin, item.priority, item.json)
end

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

local function admit(source)
  redis.call('HINCRBY', P .. 'counts', source .. '\tadmitted', 1)
end

-- Earlier first within one priority; 1e13 keeps any clock below one step of priority.
local function ready_score(item)
  return -item.priority * 1e13 + now
end

-- Put a host that has no lease where it belongs: due at its next_ms, or at its first delayed URL.
local function schedule(host)
  local state = P .. 'host:' .. host
  if redis.call('HEXISTS', state, 'lease') == 1 then return end
  local next_ms = tonumber(redis.call('HGET', state, 'next_ms') or '0')
  if redis.call('EXISTS', P .. 'ready:' .. host) == 0 then
    local first = redis.call('ZRANGE', P .. 'later:' .. host, 0, 0, 'WITHSCORES')
    if not first[2] then
      redis.call('ZREM', P .. 'hosts', host)
      return
    end
    next_ms = math.max(next_ms, tonumber(first[2]))
  end
  redis.call('ZADD', P .. 'hosts', next_ms, host)
end

-- Let a host be asked again: never sooner than its delay after this moment if a request was made.
local function free_host(host, lease_id, wait_ms)
  local state = P .. 'host:' .. host
  if redis.call('HGET', state, 'lease') == lease_id then redis.call('HDEL', state, 'lease') end
  if wait_ms > 0 then
    local next_ms = tonumber(redis.call('HGET', state, 'next_ms') or '0')
    redis.call('HSET', state, 'next_ms', string.format('%.0f', math.max(next_ms, now + wait_ms)))
  end
  schedule(host)
end

local function delay_of(host, delay)
  return math.max(delay, tonumber(redis.call('HGET', P .. 'host:' .. host, 'crawl_delay_ms') or '0'))
end

-- The delay that the next waiting URL of a host brings; a robots.txt has none of its own.
local function next_delay(host)
  local fp = redis.call('ZRANGE', P .. 'ready:' .. host, 0, 0)[1]
  return fp and parse(redis.call('HGET', P .. 'items:' .. host, fp)).delay or 0
end

-- Take a lease out of the books; nil when it is not ours any more.
local function end_lease(lease_id)
  local raw = redis.call('HGET', P .. 'leased', lease_id)
  redis.call('ZREM', P .. 'leases', lease_id)
  if not raw then return nil end
  redis.call('HDEL', P .. 'leased', lease_id)
  local host, fp, owner = string.match(raw, '^([^|]*)|([^|]*)|(.*)$')
  return { host = host, fp = fp, owner = owner }
end

local function forget(host, fp)
  redis.call('HDEL', P .. 'items:' .. host, fp)
  redis.call('ZREM', P .. 'ready:' .. host, fp)
  redis.call('ZREM', P .. 'later:' .. host, fp)
  redis.call('HINCRBY', P .. 'load', 'urls', -1)
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
