-- base64, hash, utc and uuid: known values, limits, errors.
local base64, hash, utc, uuid = require "base64", require "hash", require "utc", require "uuid"

for _, text in ipairs {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\0\255\254"} do
  local code = base64.encode(text)
  print(code, base64.encode_url(text), base64.decode(code) == text)
end
-- expect: true
-- expect: Zg== Zg true
-- expect: Zm8= Zm8 true
-- expect: Zm9v Zm9v true
-- expect: Zm9vYg== Zm9vYg true
-- expect: Zm9vYmE= Zm9vYmE true
-- expect: Zm9vYmFy Zm9vYmFy true
-- expect: AP/+ AP_- true
print(base64.decode("Zg"), base64.decode("AP_-") == "\0\255\254") -- expect: f true
print(base64.decode("Z")) -- expect: nil not base64: a wrong length
print(base64.decode("Zg=")) -- expect: nil not base64: a wrong length
print(base64.decode("Zm9*")) -- expect: nil not base64: a wrong character at 4
print(base64.decode("Zh==")) -- expect: nil not base64: bits behind the end

print(hash.sha256("")) -- expect: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
print(hash.sha256("abc")) -- expect: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
print(hash.sha256(("a"):rep(119))) -- expect: 31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb
print(hash.hmac_sha256("key", "The quick brown fox jumps over the lazy dog")) -- expect: f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8
print(hash.crc32("123456789")) -- expect: 3421780262
print(hash.crc32("6789", hash.crc32("12345"))) -- expect: 3421780262

print(utc.format(0), utc.format(951782399.5)) -- expect: 1970-01-01T00:00:00Z 2000-02-28T23:59:59.500Z
print(utc.format(-62167219200), utc.format(253402300799)) -- expect: 0000-01-01T00:00:00Z 9999-12-31T23:59:59Z
print(utc.parse("2000-02-29T12:30:00Z"), utc.parse("2000-02-29t12:30:00.25+02:00")) -- expect: 951827400 951820200.25
print(utc.parse("1999-02-29T00:00:00Z")) -- expect: nil not a date and time that exist
print(utc.parse("yesterday")) -- expect: nil not a time as in 2020-01-31T12:00:00Z
print(utc.parse("2000-01-01T00:00:00+25:00")) -- expect: nil not an offset that exists
local wrong = 0
for time = -62167219200, 253402300799, 6311433 * 797 + 1 do
  if utc.parse(utc.format(time)) ~= time then wrong = wrong + 1 end
  local d = utc.date(time)
  if utc.time(d.year, d.month, d.day, d.hour, d.minute, d.second) ~= time then wrong = wrong + 1 end
end
print(wrong) -- expect: 0
print(utc.date(0).weekday, utc.date(0).year) -- expect: 4 1970
print(pcall(utc.format, 1e18)) -- expect: false bad argument #1 to 'utc.format' (not a time from the years 0 to 9999)

math.randomseed(42)
local first = uuid.v4()
math.randomseed(42)
print(first == uuid.v4(), uuid.is(first), first:sub(15, 15)) -- expect: true true 4
local seventh = uuid.v7()
print(uuid.is(seventh), seventh:sub(15, 15), (seventh:sub(20, 20):find("[89ab]"))) -- expect: true 7 1
print(uuid.is("x"), uuid.is(nil)) -- expect: false false
