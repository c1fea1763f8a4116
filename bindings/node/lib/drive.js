'use strict'

const { MoonletError } = require('./error')
const { KEY } = require('./key')

// Runs a session to its end. Invocations go to host.invoke(name, payload, {id, signal}), or, if
// `host.functions` has the name, to that function with (payload, {id, signal}). Those of sys.all and
// sys.race run at the same time. What they throw is the script's error. The signal is aborted when
// nobody waits for the answer any more.
class Drive {
  #session
  #host
  #calls = new Map()
  #ended = []
  #wake = null
  #aborter = new AbortController()

  constructor(session, host, signal) {
    this.#session = session
    this.#host = host
    this.signal = signal
  }

  async run() {
    const stop = () => {
      this.#session.dispose()
      this.#wake?.()
    }
    if (this.signal?.aborted) {
      this.#session.dispose()
      throw this.signal.reason
    }
    this.signal?.addEventListener('abort', stop, { once: true })
    try {
      for await (const command of this.#session) await this.#answer(command)
      return this.#session.result
    } catch (error) {
      this.#session.dispose()
      throw this.signal?.aborted ? this.signal.reason : error
    } finally {
      this.signal?.removeEventListener('abort', stop)
      const reason = new MoonletError('aborted', 'the session has ended')
      this.#aborter.abort(reason)
      this.#abandon(reason)
    }
  }

  async #answer(command) {
    switch (command.type) {
      case 'emit':
        await this.#host.emit?.(command.name, command.payload, command)
        return
      case 'log':
        await this.#host.log?.(command.level, command.message, command)
        return
      case 'sleep':
        await this.#sleep(command)
        return
      case 'all':
      case 'settle':
      case 'race':
        await this.#several(command)
        return
      default: {
        const answer = await this.#orEnd(this.#call(command, this.#aborter.signal))
        if (answer !== null) this.#give(answer)
      }
    }
  }

  // The session may have ended meanwhile.
  #give({ value, error, id }) {
    if (this.#session.status !== 'yielded') return
    if (error !== undefined) {
      this.#session.resumeError(error, id)
      return
    }
    try {
      this.#session.resume(value, id)
    } catch (unfit) {
      // The script hears of an answer that it cannot have.
      if (!(unfit instanceof TypeError || unfit instanceof RangeError)) throw unfit
      this.#session.resumeError(unfit, id)
    }
  }

  // Never rejects.
  async #call({ id, name, payload }, signal) {
    const { functions, invoke } = this.#host
    try {
      const own = functions !== undefined && Object.hasOwn(functions, name)
      if (own) return { id, value: await functions[name](payload, { id, name, signal }) }
      if (invoke !== undefined) {
        return { id, value: await invoke.call(this.#host, name, payload, { id, name, signal }) }
      }
      const names = functions === undefined ? [] : Object.keys(functions)
      throw new Error(
        `there is no host function "${name}"` +
          (names.length === 0 ? '' : `; there are ${names.join(', ')}`)
      )
    } catch (error) {
      return { id, error: error ?? 'the host function failed' }
    }
  }

  // What a promise gives, or null when the session has ended first.
  async #orEnd(promise) {
    if (this.signal?.aborted) return null
    const ended = new Promise((resolve) => {
      this.#wake = () => resolve(null)
    })
    const forget = this.#session[KEY]('whenOver', () => this.#wake?.())
    try {
      return await Promise.race([promise, ended])
    } finally {
      this.#wake = null
      forget()
    }
  }

  async #sleep(command) {
    const left = Math.min(command.seconds, command.until - Date.now() / 1000)
    if (!(left > 0)) return
    let end = Date.now() + left * 1000
    while (end > Date.now() && this.#session.status === 'yielded') {
      let timer
      const pause = new Promise((resolve) => {
        timer = setTimeout(resolve, Math.min(end - Date.now(), 0x7fffffff))
      })
      if ((await this.#orEnd(pause.then(() => true))) === null) end = 0
      clearTimeout(timer)
    }
  }

  // The first of those that are out that ends is the answer; the others stay out.
  async #several(command) {
    for (const call of command.calls) {
      if (this.#calls.has(call.id)) continue
      const aborter = new AbortController()
      this.#calls.set(call.id, aborter)
      this.#call(call, aborter.signal).then((answer) => {
        this.#ended.push(answer)
        this.#wake?.()
      })
    }
    for (;;) {
      if (this.#session.status !== 'yielded') return
      const out = new Set(command.calls.map((call) => call.id))
      const at = this.#ended.findIndex((answer) => out.has(answer.id))
      if (at >= 0) {
        const [answer] = this.#ended.splice(at, 1)
        if (command.type === 'race') this.#abandon(new MoonletError('aborted', 'another was faster'))
        this.#give(answer)
        return
      }
      await this.#orEnd(new Promise(() => {}))
    }
  }

  // Nobody waits any more for what is out.
  #abandon(reason) {
    for (const aborter of this.#calls.values()) aborter.abort(reason)
  }
}

function drive(session, host, { signal } = {}) {
  return new Drive(session, host, signal).run()
}

module.exports = { drive }
