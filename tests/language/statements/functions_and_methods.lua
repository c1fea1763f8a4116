-- Ways to define functions; self; string and table call syntax.
local account = {balance = 0, log = {deep = {}}}
function account.deposit(self, n) self.balance = self.balance + n; return self end
function account:withdraw(n) self.balance = self.balance - n; return self end
function account.log.deep:name() return self == account.log.deep end
function account.log.plain(...) return select("#", ...) end
account:deposit(100):withdraw(30)
print(account.balance, account.log.deep:name(), account.log.plain(nil, nil)) -- expect: 70 true 2

local function f(arg) return type(arg) == "table" and #arg or arg end
print(f"text", f'single', f[[long]], f{1, 2, 3}, f{}) -- expect: text single long 3 0
print(("x"):rep(3), #("abc"):upper(), ("%d"):format(7)) -- expect: xxx 3 7
local object = {m = function(self, arg) return arg, self.tag end, tag = "T"}
print(object:m"str") -- expect: str T
print(#object:m{1, 2}, (object:m"first")) -- expect: 2 first
local chain = {}
function chain.next(c) return chain end
print(chain.next{}.next"".next(chain) == chain) -- expect: true

-- The receiver is evaluated once.
local count = 0
local function receiver() count = count + 1; return object end
receiver():m(1)
print(count) -- expect: 1

-- Global functions, and assignment to a local through the function statement.
function global_function() return "global" end
print(_G.global_function(), global_function == _G["global_function"]) -- expect: global true
global_function = nil
local late
function late(n) return n == 0 and "done" or late(n - 1) end
print(late(5)) -- expect: done

-- Extra arguments are dropped, missing ones are nil.
local function two(a, b) return a, b end
print(two(1, 2, 3)) -- expect: 1 2
print(two(1)) -- expect: 1 nil
print((two(1, 2))) -- expect: 1
print(two(two(1, 2), 9)) -- expect: 1 9
print(two(9, two(1, 2))) -- expect: 9 1
-- A newline before the parenthesis still continues the call.
local g = two
(1, 2)
print(g) -- expect: 1
-- Statements that do nothing.
;;; do end ; ::label:: ; do ; end
