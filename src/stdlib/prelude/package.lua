-- require, and the searchers that it asks for loaders.

-- Replaces every occurrence of `mark`, which is not a pattern.
local function replace(text, mark, by)
  local pieces = {}
  local count = 0
  local from = 1
  while true do
    local first, last = string.find(text, mark, from, true)
    if not first then break end
    count = count + 1
    pieces[count] = string.sub(text, from, first - 1)
    from = last + 1
  end
  count = count + 1
  pieces[count] = string.sub(text, from)
  return table.concat(pieces, by, 1, count)
end

-- The first readable file of a path's templates, or nil and a list of those that are not.
local function search(name, path, separator, folder_separator)
  if separator ~= "" and string.find(name, separator, 1, true) then
    name = replace(name, separator, folder_separator)
  end
  path = replace(path, "?", name)
  local from = 1
  local size = #path
  while from <= size do
    local last = string.find(path, ";", from, true) or size + 1
    local file = string.sub(path, from, last - 1)
    if intrinsic.is_readable(file) then return file end
    from = last + 1
  end
  return nil, "no file '" .. replace(path, ";", "'\n\tno file '") .. "'"
end

local function searchpath(name, path, separator, folder_separator)
  name = intrinsic.check_string(name, 1)
  path = intrinsic.check_string(path, 2)
  separator = separator == nil and "." or intrinsic.check_string(separator, 3)
  folder_separator = folder_separator == nil and "/" or
                     intrinsic.check_string(folder_separator, 4)
  return search(name, path, separator, folder_separator)
end

-- Searches along package.path or package.cpath.
local function search_along(name, field)
  local package_table = intrinsic.package_state()
  local path = package_table[field]
  if type(path) == "number" then path = intrinsic.check_string(path, 1) end
  if type(path) ~= "string" then intrinsic.error("'package." .. field .. "' must be a string") end
  return search(name, path, ".", "/")
end

local function throw_load_error(name, file, message)
  intrinsic.error("error loading module '" .. name .. "' from file '" .. file .. "':\n\t" ..
                  message)
end

local function searcher_preload(name)
  name = intrinsic.check_string(name, 1)
  local package_table, loaded, preload = intrinsic.package_state()
  local loader = preload[name]
  if loader == nil then return "no field package.preload['" .. name .. "']" end
  return loader, ":preload:"
end

local function searcher_lua(name)
  name = intrinsic.check_string(name, 1)
  local file, missing = search_along(name, "path")
  if not file then return missing end
  local loader, message = loadfile(file)
  if not loader then throw_load_error(name, file, message) end
  return loader, file
end

local function throw_no_dynamic_libraries(name, file)
  throw_load_error(name, file, "dynamic libraries not enabled; check your Lua installation")
end

local function searcher_native(name)
  name = intrinsic.check_string(name, 1)
  local file, missing = search_along(name, "cpath")
  if not file then return missing end
  throw_no_dynamic_libraries(name, file)
end

-- A module of a package may be inside the package's own library.
local function searcher_native_root(name)
  name = intrinsic.check_string(name, 1)
  local dot = string.find(name, ".", 1, true)
  if not dot then return end
  local file, missing = search_along(string.sub(name, 1, dot - 1), "cpath")
  if not file then return missing end
  throw_no_dynamic_libraries(name, file)
end

local function find_loader(name, package_table)
  local searchers = package_table.searchers
  if type(searchers) ~= "table" then
    intrinsic.error("'package.searchers' must be a table")
  end
  local messages = ""
  local i = 0
  while true do
    i = i + 1
    local searcher = rawget(searchers, i)
    if searcher == nil then
      intrinsic.error("module '" .. name .. "' not found:" .. messages)
    end
    local loader, data = searcher(name)
    local kind = type(loader)
    if kind == "function" then return loader, data end
    if kind == "string" or kind == "number" then messages = messages .. "\n\t" .. loader end
  end
end

local function require_module(name)
  name = intrinsic.check_string(name, 1)
  local package_table, loaded = intrinsic.package_state()
  local module = loaded[name]
  if module then return module end
  local loader, data = find_loader(name, package_table)
  module = loader(name, data)
  if module ~= nil then loaded[name] = module end
  module = loaded[name]
  if module == nil then
    module = true
    loaded[name] = true
  end
  return module, data
end

return {
  ["intrinsic.searcher_preload"] = searcher_preload,
  ["intrinsic.searcher_lua"] = searcher_lua,
  ["intrinsic.searcher_native"] = searcher_native,
  ["intrinsic.searcher_native_root"] = searcher_native_root,
  ["package.searchpath"] = searchpath,
  ["require"] = require_module,
}
