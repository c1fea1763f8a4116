'use strict'

const { MoonletError, wrongType } = require('./error')
const { commandOf } = require('./command')
const { drive } = require('./drive')
const { KEY } = require('./key')

// Fuel between two looks at whether anybody wants the script to stop: a few hundredths of a second.
const SLICE = 10_000_000

class HandlerSession {
  #runtime
  #program
  #status = 'running'
  #command = null
  #answers = null
  #result = null
  #error = null
  #signal = null
  #onAbort = null
  // Somebody iterates: answers are noted, and the iteration runs the script, in another thread.
  #isIterating = false
  #isRunning = false
  #whenOver = new Set()

  constructor(key, runtime, program, signal) {
    if (key !== KEY) {
      throw new TypeError('sessions come from startHandler() and startHydratedSession()')
    }
    this.#runtime = runtime
    this.#program = program
    if (signal === null) return
    this.#signal = signal
    this.#onAbort = () => this.#abort()
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  get status() {
    return this.#status
  }
  get command() {
    return this.#command
  }
  get result() {
    return this.#result
  }
  get error() {
    return this.#error
  }
  get errorMessage() {
    return this.#error === null ? null : this.#error.message
  }
  get traceback() {
    return this.#error === null ? null : this.#error.traceback
  }

  resume(response, callId) {
    const check = () => this.#answerTo('resume', callId)
    check()
    this.#program.answer(this.#answers === null ? [response] : this.#ended(callId, true, response), check)
    this.#answered()
  }

  resumeVoid() {
    const check = () => this.#answerTo('resumeVoid')
    check()
    this.#program.answer([], check)
    this.#answered()
  }

  resumeError(error, callId) {
    const check = () => this.#answerTo('resumeError', callId)
    check()
    const value = error instanceof Error ? error.message : error
    if (value === undefined || value === null) {
      throw wrongType('the error', 'a message, an Error, or a value', error)
    }
    if (this.#answers === null) {
      this.#program.answerWithError(value, check)
    } else {
      this.#program.answer(this.#ended(callId, false, value), check)
    }
    this.#answered()
  }

  // Where the script stands, innermost function first.
  stack() {
    this.#check('stack')
    return this.#status === 'yielded' ? this.#program.stack() : []
  }

  // Ends the call where it stands; nothing of the script runs any more. What it has built stays.
  dispose() {
    if (this.#isOver()) return
    this.#end(new MoonletError('disposed', 'the session was disposed of'))
  }

  // Answers what the script asks for until it ends: see drive.js.
  run(host = {}, options = {}) {
    return drive(this, host, options)
  }

  [Symbol.asyncIterator]() {
    this.#check('iterating')
    if (this.#isIterating) {
      throw new MoonletError('busy', 'somebody iterates over this session already')
    }
    this.#isIterating = true
    let last = null
    const stop = () => {
      this.#isIterating = false
    }
    return {
      next: async () => {
        try {
          if (last !== null && this.#command === last && this.#status === 'yielded') {
            this.#leave(last)
          }
          if (this.#status === 'running') await this.#runAsync()
        } catch (error) {
          stop()
          throw error
        }
        if (this.#status === 'yielded') {
          last = this.#command
          return { done: false, value: last }
        }
        stop()
        if (this.#status === 'error') throw this.#thrown()
        return { done: true, value: this.#result }
      },
      // The loop was left: what has been answered still runs, so that the session can be used.
      return: async (value) => {
        stop()
        if (this.#status === 'running') await this.#runAsync()
        return { done: true, value }
      },
      [Symbol.asyncIterator]() {
        return this
      }
    }
  }

  // ---- For the others in lib/, which have the key.

  [KEY](what, argument) {
    switch (what) {
      case 'run':
        return this.#run()
      case 'whenOver':
        this.#whenOver.add(argument)
        return () => this.#whenOver.delete(argument)
      default:
        return this.#abort()
    }
  }

  // ---- Answers.

  #check(what) {
    if (this.#error !== null && this.#error.code === 'disposed') {
      throw new MoonletError('disposed', `${what}: ${this.#error.message}`)
    }
  }

  #answerTo(what, callId) {
    this.#check(what)
    if (this.#status !== 'yielded') {
      const why =
        this.#status === 'running'
          ? 'the script is running'
          : `the session has ended (${this.#status})`
      throw new MoonletError('not-yielded', `${what}: nothing waits for an answer, ${why}`)
    }
    if (this.#answers === null) {
      if (callId === undefined || callId === this.#command.id) return
      throw new MoonletError(
        'not-yielded',
        `${what}: the script waits for the answer to ${this.#command.id}, not to ${callId}`
      )
    }
    if (!this.#answers.has(callId)) {
      throw new MoonletError(
        'not-yielded',
        `${what}: the script waits for one of ${[...this.#answers.keys()].join(', ')}; ` +
          'give the id of the call that is answered'
      )
    }
  }

  // How one of several calls has ended, as the script wants to hear it.
  #ended(callId, isGood, value) {
    const { n, origin } = this.#answers.get(callId)
    return [n, isGood, value, origin]
  }

  #answered() {
    this.#status = 'running'
    this.#command = null
    this.#answers = null
    if (!this.#isIterating) this.#run()
  }

  // A command that the body of a loop did not answer.
  #leave(command) {
    if (command.type === 'emit' || command.type === 'log' || command.type === 'sleep') {
      this.resumeVoid()
      return
    }
    throw new MoonletError(
      'not-answered',
      `the body of the loop has to answer ${command.name ?? command.type} (${command.id}): ` +
        'session.resume(value) or session.resumeError(message)'
    )
  }

  // ---- Running.

  #run() {
    let outcome
    do {
      if (this.#isOver()) return
      outcome = this.#program.run(SLICE)
      this.#print()
    } while (outcome.kind === 'preempted')
    this.#note(outcome)
  }

  async #runAsync() {
    if (this.#isRunning) throw new MoonletError('busy', 'the script is running')
    this.#isRunning = true
    try {
      for (;;) {
        if (this.#isOver()) return
        await this.#program.runAsync(SLICE)
        if (this.#isOver()) return
        const outcome = this.#program.outcome()
        this.#print()
        if (outcome.kind === 'preempted') continue
        this.#note(outcome)
        return
      }
    } finally {
      this.#isRunning = false
      if (this.#isOver()) this.#letGo()
    }
  }

  #print() {
    try {
      this.#runtime.print()
    } catch (cause) {
      this.#end(new MoonletError('host', `print has failed: ${cause?.message ?? cause}`, { cause }))
    }
  }

  #note(outcome) {
    if (this.#isOver()) return
    if (outcome.kind === 'suspended') {
      const { command, answers } = commandOf(outcome.command)
      this.#command = Object.freeze(command)
      this.#answers = answers ?? null
      this.#status = 'yielded'
    } else if (outcome.kind === 'finished') {
      this.#result = outcome.values[0] ?? null
      this.#status = 'completed'
      this.#letGo()
    } else {
      const { message, traceback, limit, value } = outcome
      const code = limit === null ? 'script' : 'limit'
      this.#end(new MoonletError(code, message, { traceback, limit, value }))
    }
  }

  // ---- Ending.

  #isOver() {
    return this.#status === 'completed' || this.#status === 'error'
  }

  #abort() {
    if (this.#isOver()) return
    const cause = this.#signal.reason
    this.#end(new MoonletError('aborted', 'the session was aborted', { cause }))
  }

  // What who waits for the session gets: of an abort, the signal's reason.
  #thrown() {
    return this.#error.code === 'aborted' ? this.#error.cause : this.#error
  }

  #end(error) {
    if (this.#isOver()) return
    this.#status = 'error'
    this.#error = error
    this.#command = null
    this.#answers = null
    if (this.#isRunning) {
      this.#program.interrupt()
    } else {
      this.#letGo()
    }
  }

  // The runtime is free for another session.
  #letGo() {
    if (this.#onAbort !== null) {
      this.#signal.removeEventListener('abort', this.#onAbort)
      this.#onAbort = null
    }
    this.#runtime.release(this)
    for (const wake of this.#whenOver) wake()
    this.#whenOver.clear()
  }
}

if (Symbol.dispose !== undefined) {
  HandlerSession.prototype[Symbol.dispose] = HandlerSession.prototype.dispose
}

module.exports = { HandlerSession }
