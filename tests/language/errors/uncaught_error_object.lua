-- An error object without __tostring is reported by its type.
print("before") -- expect: before
error({code = 1})
-- expect error: (error object is a table value)
