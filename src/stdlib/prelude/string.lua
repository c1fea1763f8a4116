-- The parts of the string library that need a closure. Arguments were checked by the native
-- functions of the same names.
return {
  ["string.gmatch"] = function(subject, pattern, init)
    local position = intrinsic.gmatch_begin(subject, pattern, init)
    return function()
      return intrinsic.gmatch_next(subject, pattern, position)
    end
  end,
}
