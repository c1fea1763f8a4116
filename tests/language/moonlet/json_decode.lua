-- What json.decode reads, and what it says when it cannot.
local json = require "json"

local function back(text) print(json.encode(json.decode(text))) end
local function fails(text) print(json.decode(text)) end

back("null") -- expect: null
back(" true ") -- expect: true
back("-12") -- expect: -12
back("9223372036854775807") -- expect: 9223372036854775807
back("9223372036854775808") -- expect: 9.223372036854776e+18
back("1.0") -- expect: 1.0
back("2.5e3") -- expect: 2500.0
back('"a\\u00e9\\ud83d\\ude00\\n\\/"') -- expect: "aé😀\n/"
back("\"\127\"") -- expect: "\u007f"
back('[1, [2, {"a": []}], "x", {}]') -- expect: [1,[2,{"a":{}}],"x",{}]
back('{"z": 1, "a": {"b": [true, false]}, "": 2}') -- expect: {"z":1,"a":{"b":[true,false]},"":2}
back('\t{"a"\n:\r1 , "a": 2}') -- expect: {"a":2}
local list = json.decode("[1, null, 3]")
print(list[1], list[2], list[3]) -- expect: 1 nil 3
print(json.decode('{"a": null}').a) -- expect: nil

fails("") -- expect: nil json: byte 1: a value is missing
fails("[1,") -- expect: nil json: byte 4: a value is missing
fails("[1 2]") -- expect: nil json: byte 4: expected ',' or ']'
fails('{"a" 1}') -- expect: nil json: byte 6: expected ':'
fails('{"a": 1,}') -- expect: nil json: byte 9: expected a name in quotes
fails("[1,]") -- expect: nil json: byte 4: no JSON value
fails("01") -- expect: nil json: byte 1: no JSON value
fails("1.") -- expect: nil json: byte 2: there is something after the value
fails("tru") -- expect: nil json: byte 1: no JSON value
fails('"abc') -- expect: nil json: byte 1: a string has no end
fails('"a\1b"') -- expect: nil json: byte 1: a control character in a string
fails('"\\x"') -- expect: nil json: byte 1: an unknown escape
fails('"\\ud800x"') -- expect: nil json: byte 1: half a surrogate pair
fails("1e999") -- expect: nil json: byte 1: no JSON value
fails("1 2") -- expect: nil json: byte 3: there is something after the value
fails(("["):rep(201)) -- expect: nil json: byte 201: nested too deeply
print(pcall(json.decode, {})) -- expect: false bad argument #1 to 'json.decode' (string expected, got table)
