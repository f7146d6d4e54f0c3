export { buildImages, type BuildOptions, type BuiltImages, imageArchives } from './build-images.ts';
export { type ImageArchive, type ImageFacts, readImageArchive } from './image-archive.ts';
