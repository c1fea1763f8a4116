'use strict'

const assert = require('node:assert/strict')
const { join } = require('node:path')
const { MoonletError, MoonletRuntime } = require('..')

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

// For assert.throws: an error of ours, of this code, whose message matches.
const refused = (code, message) => (error) => {
  assert.ok(error instanceof MoonletError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, message)
  return true
}

module.exports = { refused, resultOf, runtimeWith, script }
