/** Line drawings for offers without a picture, in the ink of the house: one for each kind of goods, a parcel for the rest. */
const DRAWINGS: Record<string, readonly string[]> = {
  parcel: ["M104 118h112v92H104z", "M104 118l16-22h80l16 22M160 96v40M104 150h112"],
  music: ["M96 150a64 64 0 1 1 128 0a64 64 0 0 1-128 0z", "M138 150a22 22 0 1 1 44 0a22 22 0 0 1-44 0zM155 150h10M112 150a48 48 0 0 1 20-39M208 150a48 48 0 0 1-20 39"],
  books: ["M92 196h136v14H92zM100 178h124v18H100zM96 158h120v20H96z", "M130 158V92l52 8v58M142 112l28 4M142 124l28 4M112 178v18M200 158v20"],
  paper: ["M112 92h82l22 22v96H112z", "M194 92v22h22M128 132h56M128 150h68M128 168h44"],
  ceramics: ["M112 210h92l-8-88q-4-28-38-28t-38 28z", "M204 134q34 0 28 32t-34 34M124 132h70"],
  tea: ["M108 140h94v30q0 40-47 40t-47-40z", "M202 150q26-2 24 20t-30 20M136 120q-8-12 2-22M158 120q-8-12 2-22M96 216h120"],
  pantry: ["M116 122h88v78q0 10-10 10h-68q-10 0-10-10z", "M112 104h96v18h-96zM134 150h52v32h-52z"],
  textiles: ["M92 170h136v40H92zM100 130h120v40H100z", "M92 190h136M100 150h120M120 130v40M120 170v40"],
  home: ["M140 210h40v-46h-40zM104 164h112l-26-62h-60z", "M160 210v8M130 218h60"],
  tools: ["M112 96h76v30h-76z", "M142 126h20v84h-20zM188 100l18-6v34l-18-6"],
  garden: ["M118 164h84l-12 46h-60z", "M160 164v-52M160 132q-30 0-34-28q34-2 34 28M160 122q28-2 30-28q-30 0-30 28"],
  jewellery: ["M118 166a42 42 0 1 1 84 0a42 42 0 0 1-84 0z", "M130 166a30 30 0 1 1 60 0a30 30 0 0 1-60 0zM144 126l-10-20 12-14h28l12 14-10 20M134 106h52"],
  toys: ["M108 176h104v14H108zM132 134h56v42h-56z", "M120 200a10 10 0 1 1 20 0a10 10 0 0 1-20 0zM180 200a10 10 0 1 1 20 0a10 10 0 0 1-20 0zM146 134v-24h20l8 24"],
  digital: ["M96 108h128v82H96z", "M136 210h48M160 190v20M118 130h40M118 146h72M118 162h56"],
};

export function StillLife({ kind, label }: { kind?: string; label: string }) {
  const strokes = DRAWINGS[kind ?? ""] ?? DRAWINGS.parcel ?? [];
  const name = label === "" ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  return (
    <svg {...name} viewBox="0 0 320 300" preserveAspectRatio="xMidYMid slice" className="block size-full bg-sunken">
      <path d="M0 218h320" stroke="var(--line-strong)" strokeWidth={1.5} />
      <g stroke="var(--ink-soft)" strokeWidth={3} strokeLinejoin="round" strokeLinecap="round">
        {strokes.map((stroke, n) => (
          <path key={stroke} d={stroke} fill={n === 0 ? "var(--raised)" : "none"} />
        ))}
      </g>
    </svg>
  );
}
