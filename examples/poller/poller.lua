-- Looks again and again, with longer and longer pauses. A pause costs nothing: with --sleep-max the
-- program is a file while it lasts.

local function wait_for_build(input)
  local config = sys.config()
  local begin = os.time()
  local pause = config.firstPause
  local looks = 0
  while true do
    looks = looks + 1
    local ok, status = pcall(sys.invoke, "status", {build = input.build})
    if not ok then
      sys.log("warn", "look", looks, status)
    elseif status.state == "done" or status.state == "failed" then
      return {
        state = status.state, artifact = status.artifact, looks = looks, waited = os.time() - begin,
      }
    end
    if os.time() - begin + pause > config.patience then
      return {state = "timeout", looks = looks, waited = os.time() - begin}
    end
    sys.sleep(pause)
    pause = math.min(pause * 2, config.longestPause)
  end
end

return {handlers = {wait_for_build = sys.export(wait_for_build)}}
