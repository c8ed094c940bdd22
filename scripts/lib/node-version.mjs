// Imported before anything else; written in plain syntax, so that an old Node can still say what is wrong.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  console.error('Node ' + process.versions.node + ' is too old; expected Node 20.19 or newer.');
  console.error(
    'fix: install Node 22 or 24 from your distribution or nodejs.org, then run the same command again',
  );
  process.exit(1);
}
