"""The commands that we carry: Khronos' gl.xml plus our overlay, as one list of Command."""
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

SCALARS = {  # C type: (wire words, printer kind)
    'GLenum': (1, 'ENUM'), 'GLbitfield': (1, 'HEX'), 'GLint': (1, 'I32'), 'GLuint': (1, 'U32'), 'GLsizei': (1, 'I32'),
    'GLboolean': (1, 'U32'), 'GLfloat': (1, 'F32'), 'GLintptr': (2, 'I64'), 'GLsizeiptr': (2, 'I64'),
    'GLint64': (2, 'I64'), 'GLuint64': (2, 'U64'), 'uint32_t': (1, 'U32'), 'int32_t': (1, 'I32'),
    'uint64_t': (2, 'U64'), 'bool': (1, 'U32'), 'GLubyte': (1, 'U32'), 'GLshort': (1, 'I32'), 'GLfixed': (1, 'I32'),
    'GLclampx': (1, 'I32'),
}
ELEMENT_BYTES = {'void': 1, 'GLchar': 1, 'GLubyte': 1, 'GLboolean': 1, 'GLfloat': 4, 'GLint': 4, 'GLuint': 4,
                 'GLenum': 4, 'GLsizei': 4, 'GLint64': 8, 'GLuint64': 8, 'GLshort': 2, 'GLfixed': 4}
SHORT = {'u32': 'uint32_t', 'i32': 'int32_t', 'u64': 'uint64_t'}
OP_FIRST = {'core': 1, 'ext': 512, 'dc': 768, 'gles1': 1024}
OP_END = 1280
# Tables of the overlay that a further API adds to: what it says of its commands is kept beside the others'.
MERGED_LISTS = ('local', 'manual')
MERGED_TABLES = ('offset', 'count', 'answer')


@dataclass
class Param:
    """A parameter as C declares it in the API."""
    name: str
    ctype: str            # whole declaration type, e.g. "const GLfloat *"
    kind: str             # scalar | in | out | string | other
    element: str = ''     # pointee of in and out
    length: str = ''      # C expression, elements
    name_class: str = ''  # object names: "texture" …
    group: str = ''       # enums: "TextureTarget" …


@dataclass
class Field:
    """An argument as it crosses the wire."""
    name: str
    ctype: str  # a scalar of SCALARS, or 'blob'
    kind: str   # scalar | name | blob | serial
    name_class: str = ''
    param: Param | None = None


@dataclass
class Command:
    name: str               # without "gl"
    opcode: int
    result: str             # C type of the API's return value
    params: list
    fields: list = field(default_factory=list)
    local: bool = False     # never crosses the wire
    exec_manual: bool = False
    needs_context: bool = True
    ours: bool = False      # dc*: no API entry point
    gles2: bool = True      # contexts of GLES 2 and above have it
    gles1: bool = False     # contexts of GLES 1.1 have it
    entry: str = 'auto'     # auto | hook | manual (frontend)
    aliases: list = field(default_factory=list)

    @property
    def sync(self):
        return any(f.kind == 'serial' for f in self.fields)

    @property
    def blob(self):
        return next((f for f in self.fields if f.kind == 'blob'), None)

    @property
    def scalars(self):
        return [f for f in self.fields if f.kind != 'blob']

    @property
    def fixed_words(self):
        return 1 + sum(SCALARS[f.ctype][0] for f in self.scalars)

    @property
    def outs(self):
        return [p for p in self.params if p.kind == 'out']


def clean(text):
    return re.sub(r'\s+', ' ', text).strip()


def parse_param(element):
    name = element.find('name').text
    text = clean(''.join(element.itertext()))
    ctype = clean(text[:text.rindex(name)])
    length = element.get('len', '')
    name_class = element.get('class', '')
    group = element.get('group', '')
    stars = ctype.count('*')
    base = clean(ctype.replace('const', '').replace('*', ''))
    if stars == 0:
        kind = 'scalar' if base in SCALARS else 'other'
        return Param(name, ctype, kind, name_class=name_class, group=group)
    if stars > 1:
        return Param(name, ctype, 'other')
    if ctype.startswith('const'):
        if base == 'GLchar':
            return Param(name, ctype, 'string', element=base)
        return Param(name, ctype, 'in', base, length, name_class)
    return Param(name, ctype, 'out', base, length, name_class)


def parse_wire(spec):
    if spec == 'serial':
        return Field('serial', 'uint32_t', 'serial')
    name, ctype = spec.split(':')
    if ctype == 'blob':
        return Field(name, 'blob', 'blob')
    if ctype == 'name':
        return Field(name, 'GLuint', 'name', 'program')
    return Field(name, SHORT.get(ctype, ctype), 'scalar')


class Registry:
    def __init__(self, xml_path, overlay_dir):
        self.gles = self.load(f'{overlay_dir}/gles.toml')
        self.frontend = self.load(f'{overlay_dir}/frontend.toml')
        self.ours = self.load(f'{overlay_dir}/dc.toml')
        self.gles1 = self.load(f'{overlay_dir}/gles1.toml')
        self.merge(self.gles1)
        self.root = ElementTree.parse(xml_path).getroot()
        self.xml = {c.find('proto/name').text: c for c in self.root.findall('commands/command')}
        self.commands = []
        self.by_name = {}
        self.add_core()
        self.add_extensions()
        self.add_ours()
        self.add_gles1()
        self.check()
        self.enums = self.collect_enums()

    @staticmethod
    def load(path):
        with open(path, 'rb') as f:
            return tomllib.load(f)

    def merge(self, other):
        for key in MERGED_LISTS:
            self.gles[key] = self.gles[key] + other[key]
        for key in MERGED_TABLES:
            self.gles[key] = self.gles[key] | other[key]
        self.frontend['manual'] = self.frontend['manual'] + other['entry_manual']
        self.frontend['hook'] = self.frontend['hook'] + other['entry_hook']

    def add(self, command):
        self.commands.append(command)
        self.by_name[command.name] = command

    def core_names(self, overlay):
        seen = {}
        for feature in self.root.findall('feature'):
            if feature.get('api') == overlay['api'] and feature.get('number') in overlay['versions']:
                for c in feature.findall('require/command'):
                    seen.setdefault(c.get('name')[2:])
        return list(seen)

    def add_core(self):
        for i, name in enumerate(self.core_names(self.gles)):
            self.add(self.make(name, OP_FIRST['core'] + i, name in self.gles['local']))

    def add_extensions(self):
        ext = self.gles['extensions']
        for i, name in enumerate(ext['commands']):
            self.add(self.make(name, OP_FIRST['ext'] + i, name in ext['local']))
        self.add_aliases(ext['names'], self.gles['api'])

    def add_aliases(self, extensions, api):
        for extension in self.root.findall('extensions/extension'):
            if extension.get('name') not in extensions:
                continue
            for require in extension.findall('require'):
                if require.get('api') in (None, api):
                    for c in require.findall('command'):
                        self.add_alias(c.get('name'))

    def add_gles1(self):
        names = [n for n in self.core_names(self.gles1) if n not in self.by_name] + self.gles1['commands']
        for i, name in enumerate(names):
            command = self.make(name, OP_FIRST['gles1'] + i, name in self.gles1['local'])
            command.gles2 = False
            self.add(command)
        for name in self.core_names(self.gles1) + self.gles1['commands'] + self.gles1['shared']:
            self.by_name[name].gles1 = True
        self.add_aliases(self.gles1['names'], self.gles1['api'])

    def add_alias(self, name):
        alias = self.xml[name].find('alias')
        # glUnmapBufferOES and friends are aliases of names that core has without being listed as such.
        target = alias.get('name') if alias is not None else re.sub('(OES|EXT|KHR|ANGLE|MESA|NV)$', '', name)
        # … or of one that we carry under another suffix.
        command = self.by_name.get(target[2:]) or self.by_name.get(target[2:] + 'EXT')
        if command and name[2:] not in self.by_name and name not in command.aliases:
            command.aliases.append(name)

    def add_ours(self):
        for i, spec in enumerate(self.ours['command']):
            command = Command(spec['name'], OP_FIRST['dc'] + i, 'void', [], ours=True, exec_manual=True,
                              needs_context=spec.get('context', True))
            command.fields = [parse_wire(s) for s in spec['params']]
            command.gles1 = True
            self.add(command)

    def make(self, name, opcode, local):
        element = self.xml['gl' + name]
        proto = element.find('proto')
        result = clean(''.join(proto.itertext()).replace('gl' + name, ''))
        params = [parse_param(p) for p in element.findall('param')]
        for p in params:
            if name in self.gles['count'] and p.kind == 'in':
                p.length = self.gles['count'][name]
            if name in self.gles['answer'] and p.kind == 'out':
                p.length = self.gles['answer'][name]
        command = Command(name, opcode, result, params, local=local)
        command.exec_manual = name in self.gles['manual']
        if local or name in self.frontend['manual']:
            command.entry = 'manual'
        elif name in self.frontend['hook']:
            command.entry = 'hook'
        if not local:
            command.fields = self.wire_fields(command)
        return command

    def wire_fields(self, command):
        name = command.name
        if name in self.gles['wire']:
            return [parse_wire(s) for s in self.gles['wire'][name]]
        generates = name.startswith('Gen') and name != 'GenerateMipmap'
        fields = []
        answers = command.result != 'void' or any(p.kind == 'out' for p in command.params)
        if answers and not generates:
            fields.append(Field('serial', 'uint32_t', 'serial'))
        for p in command.params:
            if self.gles['pointer'].get(name) == p.name:
                fields += [Field(f'{p.name}_is_offset', 'bool', 'scalar'),
                           Field(f'{p.name}_offset', 'uint64_t', 'scalar'), Field(p.name, 'blob', 'blob', param=p)]
            elif self.gles['offset'].get(name) == p.name:
                fields.append(Field(f'{p.name}_offset', 'uint64_t', 'scalar'))
            elif p.kind == 'scalar':
                fields.append(Field(p.name, p.ctype, 'name' if p.name_class else 'scalar', p.name_class, p))
            elif p.kind in ('in', 'string') or (p.kind == 'out' and generates):
                fields.append(Field(p.name, 'blob', 'blob', p.name_class, p))
            elif p.kind == 'other':
                raise SystemExit(f'{name}: {p.ctype} {p.name} needs an overlay entry')
        return fields

    def check(self):
        names = set(self.by_name)
        for where in (self.gles['local'], self.gles['manual'], self.gles['pointer'], self.gles['offset'],
                      self.gles['wire'], self.gles['count'], self.gles['answer'], self.frontend['manual'], self.frontend['hook']):
            for name in where:
                if name not in names:
                    raise SystemExit(f'overlay names an unknown command: {name}')
        for c in self.commands:
            if sum(f.kind == 'blob' for f in c.fields) > 1:
                raise SystemExit(f'{c.name}: more than one blob')
            if c.opcode >= OP_END:
                raise SystemExit(f'{c.name}: opcode out of range')

    def collect_enums(self):
        """value → name, core GLES names only, for the printer; where GLES 1.1 has another name, it is not told."""
        values = {}
        for block in self.root.findall('enums'):
            if block.get('type') == 'bitmask':
                continue
            for e in block.findall('enum'):
                values[e.get('name')] = int(e.get('value'), 0)
        names = {}
        for api in (self.gles['api'], self.gles1['api']):
            for feature in self.root.findall('feature'):
                if feature.get('api') != api:
                    continue
                for e in feature.findall('require/enum'):
                    value = values.get(e.get('name'))
                    if value is not None and 0x100 <= value < 0x10000:
                        names.setdefault(value, e.get('name')[3:])
        return names
