'use strict'

// What a suspended script asks for, as the session shows it.
//
//   {type: 'invoke', id, name, payload}
//   {type: 'emit', id, name, payload}
//   {type: 'log', id, level, values, message}
//   {type: 'sleep', id, seconds, until}
//   {type: 'all' | 'settle' | 'race', id, calls: [{id, name, payload}]}

function textOf(value) {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString()
  const plain = (_, v) => {
    if (typeof v === 'bigint') return v.toString()
    return v instanceof Map ? [...v] : v
  }
  return JSON.stringify(value, plain)
}

// Several invocations that are out at once. `answers` finds what an answer has to name.
function several(raw, id) {
  const origin = raw.arguments[1] ?? raw.sequence
  const answers = new Map()
  const calls = raw.arguments[0].map((call) => {
    const callId = `${raw.vm}:${origin}.${call.n}`
    answers.set(callId, { n: call.n, origin })
    return { id: callId, name: call.name, payload: call.payload ?? null }
  })
  return { command: { type: raw.name, id, calls }, answers }
}

function commandOf(raw) {
  const id = `${raw.vm}:${raw.sequence}`
  const first = raw.arguments[0] ?? null
  switch (raw.kind) {
    case 'await':
      return several(raw, id)
    case 'sleep':
      return { command: { type: 'sleep', id, seconds: first, until: raw.arguments[1] } }
    case 'log': {
      const message = raw.arguments.map(textOf).join(' ')
      return { command: { type: 'log', id, level: raw.name, values: raw.arguments, message } }
    }
    default:
      return { command: { type: raw.kind, id, name: raw.name, payload: first } }
  }
}

module.exports = { commandOf }
