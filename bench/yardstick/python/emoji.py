"""Makes an images:DIR set of emoji, 64x64 RGB on white, from npm's emoji-datasource-google and -twitter (`npm pack` each).
Usage: emoji.py OUT TARBALL... . Classes are Unicode's categories; every fifth emoji, drawn by a seed, is for the test, the same in all fonts."""
import io, json, os, random, sys, tarfile
from PIL import Image
out, names = sys.argv[1], None
for path in sys.argv[2:]:
    with tarfile.open(path) as tar:
        members = {m.name: m for m in tar.getmembers()}
        read = lambda name: tar.extractfile(members[name]).read()
        listed = [e for e in json.loads(read('package/emoji.json')) if e['category'] != 'Component']
        font = os.path.basename(path).split('-')[2]
        if names is None:
            names = sorted(e['unified'] for e in listed)
            random.Random(1).shuffle(names)
            test = set(names[::5])
        for e in listed:
            name = f"package/img/{font}/64/{e['image']}"
            if name not in members or e['unified'] not in names: continue
            picture = Image.open(io.BytesIO(read(name))).convert('RGBA')
            white = Image.new('RGBA', (64, 64), 'white'); white.alpha_composite(picture.resize((64, 64)))
            folder = os.path.join(out, 'test' if e['unified'] in test else 'train', e['category'].replace(' & ', '-').replace(' ', '-'))
            os.makedirs(folder, exist_ok=True); white.convert('RGB').save(os.path.join(folder, f"{font}-{e['image']}"))
