-- The stand-alone interpreter: options, script, and the dialogue, as an ordinary program of a Vm,
-- so that all of it can be frozen. Its one argument tells it everything: what the command line says,
-- the globals of the scripts, and host_call, by which it asks for lines from a person's keyboard.

local function handler(message)
  if type(message) == "string" then return debug.traceback(message, 1) end
  if math.type(message) then return debug.traceback(tostring(message), 1) end
  local metatable = debug.getmetatable(message)
  local convert = metatable and rawget(metatable, "__tostring")
  if convert then
    local text = convert(message)
    if type(text) == "string" then return text end
  end
  return debug.traceback("(error object is a " .. type(message) .. " value)", 1)
end

-- Says what went wrong; answers whether all was well.
local function report(program, ok, message)
  if ok then return true end
  if math.type(message) then message = tostring(message) end
  if type(message) ~= "string" then message = "(error message not a string)" end
  if program then message = program .. ": " .. message end
  intrinsic.write_error(message, "\n")
  return false
end

local function run(program, chunk, message)
  if not chunk then return report(program, false, message) end
  return report(program, xpcall(chunk, handler))
end

local function run_text(program, text, name, globals)
  return run(program, intrinsic.load(text, name, nil, globals))
end

local function run_file(program, path, globals)
  return run(program, intrinsic.load_file(path, nil, globals))
end

local function print_results(...)
  for n = 1, select("#", ...) do
    if n > 1 then intrinsic.write("\t") end
    intrinsic.write(intrinsic.tostring((select(n, ...))))
  end
  intrinsic.write("\n")
end

-- "module", "global=module"; what follows a '-' in a module's name is no part of the global's.
local function run_library(options, text)
  local globals = options.globals
  local global, module
  local equals = string.find(text, "=", 1, true)
  if equals then
    global, module = string.sub(text, 1, equals - 1), string.sub(text, equals + 1)
  else
    module = text
    local dash = string.find(text, "-", 1, true)
    global = dash and string.sub(text, 1, dash - 1) or text
  end
  local ok, result = xpcall(globals.require, handler, module)
  if ok then globals[global] = result end
  return report(options.program, ok, result)
end

local function run_script(options, path)
  local program = options.program
  local chunk, message = intrinsic.load_file(path, nil, options.globals)
  if not chunk then return report(program, false, message) end
  local arguments = options.globals.arg
  if type(arguments) ~= "table" then
    return report(program, false, "'arg' is not a table")
  end
  local results = table.pack(xpcall(chunk, handler, table.unpack(arguments)))
  if not report(program, results[1], results[2]) then return false end
  if options.shows_results and results.n > 1 then
    print_results(table.unpack(results, 2, results.n))
  end
  return true
end

-- ---- The dialogue.

local function prompt_text(options, is_first)
  local prompt = options.globals[is_first and "_PROMPT" or "_PROMPT2"]
  if prompt == nil then return is_first and "> " or ">> " end
  return intrinsic.tostring(prompt)
end

-- The next line without its end, or nil.
local function read_line(options, is_first)
  local prompt = prompt_text(options, is_first)
  if options.edits then return options.host_call("read_line", prompt) end
  intrinsic.write(prompt)
  local line = intrinsic.io_read(options.input, "L", 1)
  if not line then return nil end
  if string.sub(line, -1) == "\n" then line = string.sub(line, 1, -2) end
  -- Nobody typed it, so that the dialogue would lack it.
  intrinsic.write(line, "\n")
  return line
end

local function is_incomplete(message)
  return type(message) == "string" and string.sub(message, -5) == "<eof>"
end

-- A function for the next input; false and a message; or nil at the end.
local function read_chunk(options)
  local text = read_line(options, true)
  if not text then return nil end
  if string.sub(text, 1, 1) == "=" then text = "return " .. string.sub(text, 2) end
  local chunk = intrinsic.load("return " .. text, "=stdin", nil, options.globals)
  local message
  if not chunk then
    chunk, message = intrinsic.load(text, "=stdin", nil, options.globals)
    while not chunk and is_incomplete(message) do
      local more = read_line(options, false)
      if not more then break end
      text = text .. "\n" .. more
      chunk, message = intrinsic.load(text, "=stdin", nil, options.globals)
    end
  end
  if options.edits and text ~= "" then options.host_call("remember", text) end
  return chunk or false, message
end

local function show(options, ok, ...)
  if not ok then return report(nil, false, (...)) end
  if select("#", ...) == 0 then return end
  local printed, message = pcall(options.globals.print, ...)
  if not printed then
    report(nil, false, "error calling 'print' (" .. tostring(message) .. ")")
  end
end

local function converse(options)
  while true do
    local chunk, message = read_chunk(options)
    if chunk == nil then break end
    if chunk then
      show(options, xpcall(chunk, handler))
    else
      report(nil, false, message)
    end
  end
  intrinsic.write("\n")
end

-- ---- Everything in order; false when something failed.
local function main(options)
  local program = options.program
  local actions = options.actions
  -- The script has position 0; options and the program come before it.
  local arg = {}
  for n = 1, #options.words do arg[n - 1 - options.script_place] = options.words[n] end
  options.globals.arg = arg
  if options.has_test_helpers then intrinsic.test_helpers(options.globals) end
  options.input = intrinsic.io_default("input")
  local init = options.init
  if init then
    local ok
    if string.sub(init, 1, 1) == "@" then
      ok = run_file(program, string.sub(init, 2), options.globals)
    else
      ok = run_text(program, init, options.init_name, options.globals)
    end
    if not ok then return false end
  end
  for n = 1, #actions do
    local action = actions[n]
    local ok = true
    if action.kind == "e" then
      ok = run_text(program, action.text, "=(command line)", options.globals)
    elseif action.kind == "l" then
      ok = run_library(options, action.text)
    else
      warn("@on")
    end
    if not ok then return false end
  end
  if options.has_script and not run_script(options, options.script) then return false end
  if options.converses then
    converse(options)
  elseif options.reads_input then
    return run_file(program, nil, options.globals)
  end
  return true
end

return {
  ["intrinsic.standalone"] = main,

  -- What is left to do at the end of a Vm: variables of the thread that was stopped, finalizers.
  -- Those of objects that a finalizer makes here are not called, also when it exits once more.
  ["intrinsic.close_vm"] = function(thread, is_first)
    if thread then coroutine.close(thread) end
    if is_first then intrinsic.all_finalizers() end
    for _ = 1, intrinsic.pending_finalizers() do
      local finalizer, object = intrinsic.next_finalizer()
      if finalizer == nil then return end
      local ok, message = pcall(finalizer, object)
      if not ok then intrinsic.finalizer_failed(message) end
    end
    intrinsic.pending_finalizers()
  end,
}
