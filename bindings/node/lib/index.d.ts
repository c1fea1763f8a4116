/** What a script has, as JavaScript shows it. docs/node.md has the mapping. */
export type LuaValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | LuaValue[]
  | { [name: string]: LuaValue }
  | Map<boolean | number | bigint | string | Buffer, LuaValue>

/** What a script can be given. */
export type LuaInput =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ArrayBuffer
  | DataView
  | readonly LuaInput[]
  | { readonly [name: string]: LuaInput }
  | ReadonlyMap<boolean | number | bigint | string | Uint8Array, LuaInput>

/** `sys.invoke(name, payload)`: answered by resume() or resumeError(). */
export interface InvokeCommand {
  readonly type: 'invoke'
  /** The same after a freeze, and whenever it is asked again: a key for doing things once. */
  readonly id: string
  readonly name: string
  readonly payload: LuaValue
}

/** `sys.emit(name, payload)`: no answer is expected; resumeVoid(). */
export interface EmitCommand {
  readonly type: 'emit'
  readonly id: string
  readonly name: string
  readonly payload: LuaValue
}

/** `sys.log(level, ...)`: resumeVoid(). */
export interface LogCommand {
  readonly type: 'log'
  readonly id: string
  readonly level: string
  readonly values: LuaValue[]
  /** The values as one line of text. */
  readonly message: string
}

/** `sys.sleep(seconds)`: resumeVoid() when they are over. */
export interface SleepCommand {
  readonly type: 'sleep'
  readonly id: string
  readonly seconds: number
  /** Seconds since 1970. */
  readonly until: number
}

/** One of several invocations that are out at the same time. */
export interface Call {
  readonly id: string
  readonly name: string
  readonly payload: LuaValue
}

/**
 * `sys.all`, `sys.settle`, `sys.race`: one of the calls is answered, by resume(value, call.id) or
 * resumeError(message, call.id). Those that are still out come again in the next command.
 */
export interface SeveralCommand {
  readonly type: 'all' | 'settle' | 'race'
  readonly id: string
  readonly calls: readonly Call[]
}

export type Command = InvokeCommand | EmitCommand | LogCommand | SleepCommand | SeveralCommand

/** `running` can only be seen while somebody iterates over the session, or from a callback. */
export type SessionStatus = 'yielded' | 'running' | 'completed' | 'error'

export type ErrorCode =
  /** The script, or what it was compiled from; `traceback` has the stack in Lua. */
  | 'script'
  /** The script has hit a limit; `limit` says which. */
  | 'limit'
  /** These bytes are no state of these scripts. */
  | 'state'
  /** Nothing waits for this answer, or there is nothing to take a state of. */
  | 'not-yielded'
  /** A loop over commands has left one unanswered. */
  | 'not-answered'
  /** Another session, or iteration, is under way. */
  | 'busy'
  /** The session or the runtime was disposed of. */
  | 'disposed'
  /** By an AbortSignal; `cause` is its reason. */
  | 'aborted'
  /** The host's own function for what scripts print has failed; `cause` says how. */
  | 'host'

export class MoonletError extends Error {
  readonly code: ErrorCode
  /** The stack of the script, or ''. */
  readonly traceback: string
  /** 'memory limit', 'run time limit', 'fuel limit', 'stack limit' ...; null: none. */
  readonly limit: string | null
  /** What the script raised, if it is data. */
  readonly value: LuaValue
}

export interface CallContext {
  /** The id of the command: the same whenever it is asked again. */
  readonly id: string
  readonly name: string
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Who answers a session: see HandlerSession.run(). */
export interface SessionHost {
  functions?: {
    [name: string]: (payload: any, context: CallContext) => LuaInput | void | Promise<LuaInput | void>
  }
  /** Those that are not in `functions`. */
  invoke?(
    name: string,
    payload: any,
    context: CallContext
  ): LuaInput | void | Promise<LuaInput | void>
  emit?(name: string, payload: any, command: EmitCommand): void | Promise<void>
  log?(level: string, message: string, command: LogCommand): void | Promise<void>
}

/** A call of a handler. */
export class HandlerSession implements AsyncIterable<Command> {
  private constructor()
  readonly status: SessionStatus
  /** What it waits for; null unless `yielded`. */
  readonly command: Command | null
  /** What the handler has returned; null unless `completed`. */
  readonly result: LuaValue
  readonly error: MoonletError | null
  readonly errorMessage: string | null
  readonly traceback: string | null

  /** Answers the command and runs the script to the next one. `callId`: of a SeveralCommand. */
  resume(response?: LuaInput, callId?: string): void
  resumeVoid(): void
  /** The script gets an error at the line of the call. */
  resumeError(error: string | Error | LuaInput, callId?: string): void
  /** Where the script stands, innermost function first. */
  stack(): {
    function: string
    source: string
    line: number
    locals: { [name: string]: string }
  }[]
  /** Ends the call where it stands. What the script keeps in variables stays. */
  dispose(): void
  /** Answers what the script asks for, several calls at once, until it ends. Gives its result. */
  run(host?: SessionHost, options?: { signal?: AbortSignal }): Promise<any>
  /**
   * The commands, one after the other. In the body of the loop, resume() only notes the answer; the
   * script runs in another thread. What it raises, the loop throws.
   */
  [Symbol.asyncIterator](): AsyncIterator<Command, LuaValue, undefined>
}

export interface RuntimeOptions {
  /** With which the ids of commands begin; by default a random one. */
  id?: string
  /** Where math.random begins. */
  seed?: number
  /** Where `require` looks for modules; by default the folder of the first script. */
  folder?: string
  /** What scripts print; by default it goes to the standard output. */
  print?: (text: string) => void
}

export interface RuntimeLimits {
  /** Bytes. */
  memory?: number
  /** Milliseconds that the script of a session may run; waiting does not count. */
  cpuTime?: number
  maxCallDepth?: number
  /** Units of work of a session, about one an instruction. */
  fuel?: number
}

export interface SessionOptions {
  /** Ends the session: its status is 'error', its error's code 'aborted'. */
  signal?: AbortSignal
}

/** Scripts and the program that runs them. Belongs to the thread that made it. */
export class MoonletRuntime {
  constructor(options?: RuntimeOptions)
  /** Which libraries scripts have; all safe ones without it. */
  openLibs(names: string[]): void
  /** The global table of invoke, emit, log, config ...; `sys` without it. */
  registerNamespace(name: string): void
  /** Compiles a file; answers the names of its handlers. The same file again is loaded anew. */
  loadScript(path: string | URL, options?: { name?: string }): string[]
  setConfig(config: { readonly [name: string]: LuaInput }): void
  clearConfig(): void
  /** null, undefined or Infinity: no limit. */
  setLimits(memory?: number | null, cpuTime?: number | null, maxCallDepth?: number | null): void
  setLimits(limits: RuntimeLimits): void
  startHandler(name: string, input?: LuaInput, options?: SessionOptions): HandlerSession
  /** The program as bytes, while its session waits for an answer. */
  dehydrate(): Buffer
  hydrate(state: Uint8Array): void
  startHydratedSession(options?: SessionOptions): HandlerSession
  /** startHandler() and HandlerSession.run(). */
  call(name: string, input?: LuaInput, host?: SessionHost, options?: SessionOptions): Promise<any>
  readonly handlers: string[]
  /** A state can be resumed where this hash is the same. */
  readonly imageHash: string | null
  usage(): { memory: number; fuel: number; runTimeMs: number }
  dispose(): void
}
