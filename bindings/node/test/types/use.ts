// Compiled, never run: what a user writes has to have the types that he expects.
import { HandlerSession, MoonletError, MoonletRuntime } from 'moonlet'
import type { Command, LuaValue } from 'moonlet'

const rt = new MoonletRuntime({ id: 'r', seed: 1, print: (text) => text.trim() })
rt.openLibs(['base'])
rt.registerNamespace('sys')
rt.setConfig({ region: 'eu-west-1', list: [1, 2n, null], nested: { flag: true } })
rt.clearConfig()
rt.setLimits(64 * 1024 * 1024, 5000, 200)
rt.setLimits({ memory: 1e6, fuel: 1e6 })
const names: string[] = rt.loadScript('./order.lua')
rt.loadScript(new URL('file:///order.lua'), { name: names[0] })

const session: HandlerSession = rt.startHandler('order', { id: 1, bytes: Buffer.from('x') })
while (session.status === 'yielded') {
  const command = session.command!
  if (command.type === 'invoke') {
    const id: string = command.id
    session.resume({ id, payload: command.payload instanceof Map })
  } else if (command.type === 'all') {
    session.resume(new Map([[1, 'x']]), command.calls[0].id)
  } else {
    session.resumeVoid()
  }
}
const result: LuaValue = session.result
session.resumeError(new Error('x'))

const state: Buffer = rt.dehydrate()
rt.hydrate(state)
rt.startHydratedSession({ signal: AbortSignal.timeout(1) })

async function all(): Promise<void> {
  for await (const command of session) {
    const one: Command = command
    session.resume(one.id)
  }
  const answer = await rt.call('order', undefined, {
    functions: { pay: async ({ amount }, { id, signal }) => ({ amount, id, late: signal.aborted }) },
    log: (level, message) => console.log(level, message)
  })
  console.log(answer.status)
  try {
    await session.run({ invoke: (name) => name }, { signal: AbortSignal.timeout(1) })
  } catch (error) {
    if (error instanceof MoonletError && error.code === 'limit') console.log(error.limit)
  }
}

// @ts-expect-error sessions are made by runtimes
new HandlerSession()
// @ts-expect-error a function is nothing that a script can have
session.resume(() => 1)
// @ts-expect-error no such member
session.command.type = 'x'

export { all, result }
