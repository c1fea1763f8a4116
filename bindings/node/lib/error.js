'use strict'

// Everything that goes wrong in a script, in a state, or in the order of calls. Arguments of a wrong
// type are TypeErrors.
class MoonletError extends Error {
  constructor(code, message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'MoonletError'
    this.code = code
    this.traceback = details.traceback ?? ''
    this.limit = details.limit ?? null
    this.value = details.value ?? null
    if (this.traceback !== '') {
      // Where the script stood comes before where its host did.
      const head = `${this.name}: ${this.message}`
      const rest = this.stack.startsWith(head) ? this.stack.slice(head.length) : `\n${this.stack}`
      this.stack = `${head}\n${this.traceback}${rest}`
    }
  }
}

function wrongType(what, expected, value) {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
  return new TypeError(`${what} has to be ${expected}, and is ${kind}`)
}

module.exports = { MoonletError, wrongType }
