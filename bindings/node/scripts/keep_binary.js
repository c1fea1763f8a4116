'use strict'

// Puts what was built, the license and the notices where npm pack takes them from.
const { copyFileSync, mkdirSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')
const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`)
mkdirSync(folder, { recursive: true })
copyFileSync(join(root, 'build/Release/moonlet.node'), join(folder, 'moonlet.node'))
for (const name of ['LICENSE', 'THIRD_PARTY_NOTICES']) {
  copyFileSync(join(root, '../..', name), join(root, name))
}
