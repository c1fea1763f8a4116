-- os.exit(false) is the code for failure.
print("leaving") -- expect: leaving
os.exit(false)
-- expect exit: 1
