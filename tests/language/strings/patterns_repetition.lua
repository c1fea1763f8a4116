-- *, +, -, ? and how much they take.
print(("aaab"):match("a*"), ("aaab"):match("a-"), ("aaab"):match("a-b"), ("aaab"):match("a+"))
-- expect: aaa  aaab aaa
print(("b"):match("a*"), ("b"):match("a+"), ("b"):match("a?b"), ("ab"):match("a?b"))
-- expect: nil b ab
print(("<b>bold</b>"):match("<(.-)>"), ("<b>bold</b>"):match("<(.*)>")) -- expect: b b>bold</b
print(("aaa"):find("a-$"), ("aaa"):find("^a-"), ("xaaa"):find("a*")) -- expect: 1 1 1 0
print(("abcabc"):match("(a.-c)$"), ("abcabc"):match("a.*c"), ("/* c */ x */"):match("/%*.-%*/"))
-- expect: abcabc abcabc /* c */
print(("12345"):match("%d%d%d?%d?"), ("1"):match("%d%d?"), ("+-12"):match("[+-]?%d+"))
-- expect: 1234 1 -12
print(("color colour"):gsub("colou?r", "C")) -- expect: C C 2
print(("aab"):gsub("a*", "-"), ("abc"):gsub("", "."), ("abc"):gsub("x*", "-"))
-- expect: -b- .a.b.c. -a-b-c- 4
print(("hello world"):gsub("%w+", "<%0>"), ("abc"):gsub("%w", "%0%0"))
-- expect: <hello> <world> aabbcc 3
print(("x = 1, y = 2"):gsub("(%w) = (%w)", "%2 = %1")) -- expect: 1 = x, 2 = y 2
print(("  lots   of  blanks "):gsub("%s+", " ")) -- expect: lots of blanks  4
print(("a,b,,c"):gsub(",", ";", 2)) -- expect: a;b;,c 2
print(("aaaa"):gsub("a", "b", 0), ("aaaa"):gsub("^a", "b"), ("aaaa"):gsub("a$", "b"))
-- expect: aaaa baaa aaab 1
print(("path/to/file.tar.gz"):match("([^/]+)$"), ("path/to/file.tar.gz"):match("^(.*)/"))
-- expect: file.tar.gz path/to
print(("file.tar.gz"):match("^(.-)%.(.*)$")) -- expect: file tar.gz
-- A match that needs to go back many times.
print(("a"):rep(15):match(("a?"):rep(15) .. ("a"):rep(15)) == ("a"):rep(15)) -- expect: true
print((("ab"):rep(20) .. "c"):match("(.-)c$") == ("ab"):rep(20), ("x"):rep(30):match(".-.-.-y"))
-- expect: true nil
