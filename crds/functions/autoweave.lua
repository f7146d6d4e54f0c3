#!lua name=autoweave
-- The parts of AutoWeave that must be atomic in Redis. Called through crds/src/function-calls.ts, which says what
-- each argument is. All keys of one call share a hash tag, so that they live in one Cluster slot.
-- Raise the version with every change: a process replaces an older library, and leaves a newer one alone, so a newer
-- one must keep answering the calls of older processes.
local version = 2

-- A journal may jump ahead of the mark (Redis came back without its latest writes) only this far.
local maximum_jump = 1000000
local remembered_jobs = 10

local function whole_number(text)
  local number = tonumber(text)
  if number == nil or number ~= math.floor(number) or number < 0 or number > 9007199254740991 then
    return nil
  end
  return number
end

-- As text, never in the form 1e+15.
local function digits(number)
  return string.format('%.0f', number)
end

local function append(stream, maximum_length, fields)
  if maximum_length > 0 then
    return redis.call('XADD', stream, 'MAXLEN', '~', digits(maximum_length), '*', unpack(fields))
  end
  return redis.call('XADD', stream, '*', unpack(fields))
end

-- Which sequence a node's stream holds: '<epoch>:<sequence>', nil before the first.
local function parse_mark(mark)
  if not mark then
    return nil, nil
  end
  local epoch, sequence = string.match(mark, '^([^:]*):(%d+)$')
  return epoch, tonumber(sequence)
end

-- 'append', 'duplicate' or 'gap'. Without a mark an epoch is a new one, too: Redis may have been emptied while an agent
-- stayed connected, and the agent must hear of it to send its tail again.
local function judge(mark_epoch, mark_sequence, epoch, sequence, allow_jump)
  if mark_epoch ~= epoch then
    return (sequence == 1 or allow_jump) and 'append' or 'gap'
  end
  if sequence <= mark_sequence then
    return 'duplicate'
  end
  if sequence == mark_sequence + 1 or (allow_jump and sequence - mark_sequence <= maximum_jump) then
    return 'append'
  end
  return 'gap'
end

-- KEYS stream, mark of the node.
-- ARGV node, epoch, sequence, maximum length (0: none), allow jump (0 or 1), field, value, …
-- {'appended', id} | {'duplicate', mark} | {'gap', mark}
local function hotplug_append(keys, args)
  local node, epoch, sequence, maximum_length = args[1], args[2], whole_number(args[3]), whole_number(args[4])
  local numbers_fit = sequence and sequence >= 1 and maximum_length and (args[5] == '0' or args[5] == '1')
  if #keys ~= 2 or not numbers_fit or not string.match(epoch, '^%w+$') or #args < 7 or #args % 2 ~= 1 then
    return redis.error_reply('AWARGUMENTS aw_hotplug_append: node, epoch, sequence, maximum length, 0|1, field, value, …')
  end
  if keys[2] ~= '{' .. keys[1] .. '}:seq:' .. node then
    return redis.error_reply('AWARGUMENTS aw_hotplug_append: the mark key is not that of the node')
  end
  local mark = redis.call('GET', keys[2])
  local mark_epoch, mark_sequence = parse_mark(mark)
  local verdict = judge(mark_epoch, mark_sequence, epoch, sequence, args[5] == '1')
  if verdict ~= 'append' then
    return { verdict, mark or '' }
  end
  local id = append(keys[1], maximum_length, { unpack(args, 6) })
  redis.call('SET', keys[2], epoch .. ':' .. digits(sequence))
  return { 'appended', id }
end

-- KEYS mark of the node. The mark, or ''.
local function hotplug_mark(keys)
  return redis.call('GET', keys[1]) or ''
end

local function remember_job(counters, job)
  local listed = redis.call('HGET', counters, 'lastJobIds')
  local jobs = listed and cjson.decode(listed) or {}
  table.insert(jobs, 1, job)
  jobs[remembered_jobs + 1] = nil
  redis.call('HSET', counters, 'lastJobIds', cjson.encode(jobs))
end

-- KEYS results stream, record of the job, counters of the plugin.
-- ARGV job id, state, counted (0 or 1), seconds to keep the record, maximum length of the stream (0: none), result as JSON
-- {'recorded', id} | {'duplicate'}
local function result_record(keys, args)
  local job, state, counted, seconds, maximum_length, result = unpack(args)
  seconds, maximum_length = whole_number(seconds), whole_number(maximum_length)
  local known = state == 'Succeeded' or state == 'Failed' or state == 'HandedBack'
  if #keys ~= 3 or #args ~= 6 or not known or not seconds or seconds < 1 or not maximum_length then
    return redis.error_reply('AWARGUMENTS aw_result_record: job, state, 0|1, seconds, maximum length, result')
  end
  if redis.call('EXISTS', keys[2]) == 1 then
    return { 'duplicate' }
  end
  local id = append(keys[1], maximum_length, { 'jobId', job, 'state', state, 'result', result })
  if state == 'HandedBack' then
    return { 'recorded', id }
  end
  redis.call('HSET', keys[2], 'state', state, 'result', result, 'streamId', id)
  redis.call('EXPIRE', keys[2], seconds)
  if counted == '1' then
    redis.call('HINCRBY', keys[3], state == 'Succeeded' and 'succeeded' or 'failed', 1)
    remember_job(keys[3], job)
  end
  return { 'recorded', id }
end

-- KEYS records of jobs. For each 1 or 0: whether it is there.
local function results_known(keys)
  local known = {}
  for index, record in ipairs(keys) do
    known[index] = redis.call('EXISTS', record)
  end
  return known
end

-- Waiting rooms and lanes are BullMQ queues. Of its layout this relies on: the lists `wait` (the oldest job at the end)
-- and `active`, and a hash for each job. The keys of jobs share the prefix of the queue, which ARGV gives.

-- KEYS waiting jobs. ARGV prefix, how many.
-- {how many wait, data of the oldest, its note or '', data of the next, …}
local function room_read(keys, args)
  local limit = whole_number(args[2])
  if #keys ~= 1 or not limit or limit < 1 then
    return redis.error_reply('AWARGUMENTS aw_room_read: prefix, limit')
  end
  local reply = { redis.call('LLEN', keys[1]) }
  local ids = redis.call('LRANGE', keys[1], -limit, -1)
  for index = #ids, 1, -1 do
    local job = redis.call('HMGET', args[1] .. ids[index], 'data', 'awnote')
    if job[1] then
      reply[#reply + 1] = job[1]
      reply[#reply + 1] = job[2] or ''
    end
  end
  return reply
end

-- KEYS job. ARGV note.
local function room_note(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    return 0
  end
  redis.call('HSET', keys[1], 'awnote', args[1])
  return 1
end

-- KEYS waiting jobs. ARGV prefix, ids. How many still wait.
local function room_remove(keys, args)
  for index = 2, #args do
    redis.call('LREM', keys[1], -1, args[index])
    redis.call('DEL', args[1] .. args[index])
  end
  return redis.call('LLEN', keys[1])
end

-- KEYS active jobs. ARGV prefix, ids. For each {'waiting', 'running', 'ended' or '', Worker or '', failure or ''}.
local function lane_find(keys, args)
  local rows = {}
  for index = 2, #args do
    local id = args[index]
    local job = redis.call('HMGET', args[1] .. id, 'name', 'finishedOn', 'processedOn', 'pb', 'failedReason')
    local state = job[1] and 'waiting' or ''
    if job[2] then
      state = 'ended'
    elseif job[3] and redis.call('LPOS', keys[1], id) then
      -- An executor that stops puts back what it had taken, and the marks of that stay.
      state = 'running'
    end
    rows[index - 1] = { state, job[4] or '', job[5] or '' }
  end
  return rows
end

local function library_version()
  return version
end

redis.register_function('aw_hotplug_append', hotplug_append)
redis.register_function('aw_result_record', result_record)
redis.register_function { function_name = 'aw_hotplug_mark', callback = hotplug_mark, flags = { 'no-writes' } }
redis.register_function { function_name = 'aw_results_known', callback = results_known, flags = { 'no-writes' } }
redis.register_function { function_name = 'aw_room_read', callback = room_read, flags = { 'no-writes' } }
redis.register_function('aw_room_note', room_note)
redis.register_function('aw_room_remove', room_remove)
redis.register_function { function_name = 'aw_lane_find', callback = lane_find, flags = { 'no-writes' } }
redis.register_function { function_name = 'autoweave_version', callback = library_version, flags = { 'no-writes' } }
