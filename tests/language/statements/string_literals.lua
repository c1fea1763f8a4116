-- Quotes, escapes, long brackets.
print("a\tb" == "a" .. string.char(9) .. "b", #"\a\b\f\n\r\t\v\\\"\'") -- expect: true 10
print("\65\066\0670", "\x41\x7a", "\u{48}\u{20AC}\u{10FFFF}" == "H\xE2\x82\xAC\xF4\x8F\xBF\xBF")
-- expect: ABC0 Az true
print(#"\u{7FFFFFFF}", #"\u{0}", #"\0\00\000") -- expect: 6 1 3
print("one\z
       two\z   three") -- expect: onetwothree
print("line\
break" == "line\nbreak", 'say "hi"', "it's") -- expect: true say "hi" it's
print([[
first newline dropped]]) -- expect: first newline dropped
print([==[with ]] and ]=] inside]==], #[[
a
b]], [[no \n escape]]) -- expect: with ]] and ]=] inside 3 no \n escape
print(#[[]], #[==[]==], [[[]] == "[", "]]" == "]" .. "]") -- expect: 0 0 true true
-- Source line ends of every kind count as one newline.
print(#load("return [[a\r\nb]]")(), #load("return [[a\n\rb]]")(), #load("return [[\r\na\rb]]")())
-- expect: 3 3 3

local function refused(source)
  print((select(2, load(source, "=s")):gsub("\n", "\\n")))
end
refused([[return "unfinished]]) -- expect: s:1: unfinished string near <eof>
refused("return \"unfinished\nnext\"") -- expect: s:1: unfinished string near '"unfinished'
refused("return '\\q'") -- expect: s:1: invalid escape sequence near ''\q'
refused("return '\\300'") -- expect: s:1: decimal escape too large near ''\300''
refused("return '\\xZZ'") -- expect: s:1: hexadecimal digit expected near ''\xZ'
refused("return '\\u{110000000000}'") -- expect: s:1: UTF-8 value too large near ''\u{110000000'
refused("return '\\u{12'") -- expect: s:1: missing '}' near ''\u{12''
refused("return '\\u1234'") -- expect: s:1: missing '{' near ''\u1'
refused("return [[never closed")
-- expect: s:1: unfinished long string (starting at line 1) near <eof>
refused("return [==[never closed]=]")
-- expect: s:1: unfinished long string (starting at line 1) near <eof>
refused("return [=x") -- expect: s:1: invalid long string delimiter near '[='
-- Equal strings are one value, however they were made.
local t = {["k\0z"] = 1, ["\xff\xfe"] = 2}
print(t["k" .. "\0" .. "z"], t[string.char(255, 254)], "a\0b" == "a\0b", "a\0b" == "a\0c")
-- expect: 1 2 true false
