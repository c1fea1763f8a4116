// What npm pack makes installs, and runs, where there is no compiler.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const test = require('node:test')

const root = path.join(__dirname, '..')

// npm, run by this very node, wherever it is installed.
function npmProgram() {
  for (const folder of process.env.PATH.split(path.delimiter)) {
    const found = path.join(folder, 'npm')
    if (fs.existsSync(found)) return fs.realpathSync(found)
  }
  throw new Error('there is no npm')
}

test('the packed archive installs and runs without a compiler', () => {
  const npm = npmProgram()
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-pack-'))
  const listed = execFileSync(process.execPath, [npm, 'pack', '--json', '--pack-destination', work], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore']
  })
  const [{ filename, files }] = JSON.parse(listed.slice(listed.indexOf('[\n  {')))
  const binary = `prebuilds/${process.platform}-${process.arch}/moonlet.node`
  assert.deepEqual(
    files.map((file) => file.path).filter((name) => !name.startsWith('lib/')).sort(),
    ['LICENSE', 'README.md', 'THIRD_PARTY_NOTICES', 'package.json', binary].sort()
  )

  // Nothing but what is named by its full path can be started.
  const nothing = path.join(work, 'bin')
  const project = path.join(work, 'project')
  fs.mkdirSync(nothing)
  fs.mkdirSync(project)
  const env = { HOME: work, PATH: nothing }
  assert.throws(() => execFileSync('cc', ['--version'], { env }), { code: 'ENOENT' })
  fs.writeFileSync(path.join(project, 'package.json'), '{"name": "project", "private": true}')
  execFileSync(process.execPath, [npm, 'install', '--offline', '--no-audit', '--no-fund', path.join(work, filename)], {
    cwd: project,
    env,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  assert.deepEqual(fs.readdirSync(path.join(project, 'node_modules')).filter((name) => name[0] !== '.'), ['moonlet'])
  fs.copyFileSync(path.join(__dirname, 'scripts/order.lua'), path.join(project, 'order.lua'))
  fs.writeFileSync(
    path.join(project, 'main.mjs'),
    `import { MoonletRuntime } from 'moonlet'
     const rt = new MoonletRuntime()
     rt.loadScript('order.lua')
     rt.startHandler('process_order', { userId: 1 })
     const rt2 = new MoonletRuntime()
     rt2.loadScript('order.lua')
     rt2.hydrate(rt.dehydrate())
     const functions = { get_user: () => ({ name: 'Ada' }), charge() {}, send_email() {} }
     console.log(JSON.stringify(await rt2.startHydratedSession().run({ functions })))`
  )
  const output = execFileSync(process.execPath, ['main.mjs'], { cwd: project, env, encoding: 'utf8' })
  assert.equal(output, '{"status":"completed","user":"Ada"}\n')
  fs.rmSync(work, { recursive: true })
})
