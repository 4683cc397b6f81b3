// Which files of a model are needed to draw with it: networks in ONNX, configurations, tokenizers. Weights for other
// programs are often beside them, and larger than all the rest.

import { ModelProblem } from '../problems.ts';

/** Files may be huge: what a network keeps outside of its .onnx file. */
const OUTSIDE = /\.(onnx_data(_\d+)?|onnx\.data|data|pb)$/;
const SMALL = /\.(json|txt|model)$/;
/** A model inside of the model: SDXL's refiner. */
const INNER = 'refiner/';
const AT_TOP = /^(model_index\.json|darkroom\.json|LICENSE.*|NOTICE.*)$/i;

/** The paths that are needed, of all that there are, in the order given. Throws a ModelProblem where none would do. */
export function wantedPaths(paths: readonly string[]): string[] {
  if (!paths.includes('model_index.json'))
    throw new ModelProblem(
      'It has no model_index.json, so it is not in the diffusers layout: look for one that is, or export it (training/export_hub_model.py).',
    );
  const networks = networksOf(paths);
  if (networks.length === 0)
    throw new ModelProblem(
      'It has no networks in ONNX, only those for other programs: look for a revision (owner/name@onnx) or another version that has, or export it (training/export_hub_model.py).',
    );
  const inner = paths.filter((file) => file.startsWith(INNER)).map((file) => file.slice(INNER.length));
  const innerNetworks = inner.includes('model_index.json') ? networksOf(inner) : [];
  return paths.filter((file) =>
    file.startsWith(INNER) && innerNetworks.length > 0
      ? isWanted(file.slice(INNER.length), innerNetworks)
      : isWanted(file, networks),
  );
}

const networksOf = (paths: readonly string[]): string[] =>
  paths.filter((file) => /^[^/]+\/[^/]+\.onnx$/.test(file));

function isWanted(file: string, networks: readonly string[]): boolean {
  const [part, name, ...deeper] = file.split('/');
  if (name === undefined) return AT_TOP.test(file);
  if (deeper.length > 0) return false;
  const own = networks.filter((network) => network.startsWith(`${part}/`));
  if (SMALL.test(name)) return true;
  // A part may come in several precisions; model.onnx is the one that is opened.
  const opened = own.includes(`${part}/model.onnx`) ? [`${part}/model.onnx`] : own;
  if (opened.includes(file)) return true;
  const others = own.filter((network) => !opened.includes(network));
  return own.length > 0 && OUTSIDE.test(name) && !others.some((other) => file.startsWith(other));
}
