-- golden: command 1
-- Types of examples/types: plain data and a handle, in the image and in the state.
local origin, keeper = Vec3(1, 2, 3), give()

local function main()
  local here, guard = origin + Vec3(0.5, 0, -0.0), give()
  origin.y = 20
  local steps = {here, here * 2, [here] = guard}
  local paid = sys.invoke("pay")
  here.z = here.z + paid
  return {steps[1].z, steps[2]:length() > 0, origin.y, steps[here].name, guard == keeper,
          rawequal(guard, keeper), tostring(here):match("^%a+3")}
end

return {main = main}
