'use strict'

const { existsSync } = require('node:fs')
const { join } = require('node:path')

// What was built here comes first, so that who works on the addon sees the work.
function load() {
  const folder = `${process.platform}-${process.arch}`
  const places = [
    join(__dirname, '..', 'build', 'Release', 'moonlet.node'),
    join(__dirname, '..', 'prebuilds', folder, 'moonlet.node')
  ]
  const place = places.find((path) => existsSync(path))
  if (place === undefined) {
    throw new Error(
      `moonlet has no binary for ${folder} in this package (looked for ${places.join(' and ')}); ` +
        'in a clone of the repository, "npm run build" in bindings/node makes one'
    )
  }
  return require(place)
}

module.exports = load()
