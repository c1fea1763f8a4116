'use strict'

const { join } = require('node:path')
const { MoonletRuntime } = require('..')

const script = (name) => join(__dirname, 'scripts', name)

function runtimeWith(name, options) {
  const rt = new MoonletRuntime(options)
  rt.loadScript(script(name))
  return rt
}

// What a handler of kinds.lua returns.
function resultOf(handler, input) {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler(handler, input)
  if (session.status !== 'completed') throw session.error ?? new Error(session.status)
  return session.result
}

module.exports = { resultOf, runtimeWith, script }
