import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";

interface FakeImage {
  tags: string[];
  label: string | undefined;
  layers: string[];
}

const missing = () => Object.assign(new Error("(HTTP code 404) no such image - none "), { statusCode: 404 });
const lines = (...all: object[]) => Readable.from(all.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)));

/** The images of a Docker, in memory: as much of its API as setting up the images takes. */
export class FakeDaemon {
  readonly images = new Map<string, FakeImage>();
  readonly built: Dockerode.ImageBuildOptions[] = [];
  /** Whether pulls go well. */
  pullable = false;
  /** What dpkg tells in a container. */
  packages = "";

  add(id: string, tags: string[], label?: string, layers = ["sha256:layer"]): void {
    this.images.set(id, { tags, label, layers });
  }

  idOf(name: string): string | undefined {
    return [...this.images].find(([id, { tags }]) => id === name || tags.includes(name))?.[0];
  }

  tagsOf(id: string): string[] {
    return [...this.images.get(id)!.tags].sort();
  }

  readonly docker = {
    getImage: (name: string) => ({
      inspect: async () => {
        const id = this.found(name);
        const { tags, label, layers } = this.images.get(id)!;
        const Labels = label ? { "bluegreen.made-from": label } : {};
        return { Id: id, RepoTags: tags, Config: { Labels }, RootFS: { Layers: layers } };
      },
      tag: async ({ repo, tag }: { repo: string; tag: string }) => {
        const id = this.found(name);
        for (const image of this.images.values()) image.tags = image.tags.filter((one) => one !== `${repo}:${tag}`);
        this.images.get(id)!.tags.push(`${repo}:${tag}`);
      },
      remove: async () => void this.images.delete(this.found(name)),
    }),
    pull: async () => {
      if (!this.pullable) throw new Error("(HTTP code 500) server error - no such host");
      return lines({ status: "Pull complete" });
    },
    buildImage: async (_tar: unknown, options: Dockerode.ImageBuildOptions) => {
      const id = `built${this.built.push(options)}`;
      this.add(id, [], (options.labels as unknown as Record<string, string>)["bluegreen.made-from"]);
      return lines({ stream: "Step 1/1 : FROM x" }, { aux: { ID: id } });
    },
    createContainer: async () => ({
      getArchive: async ({ path }: { path: string }) => {
        if (path.endsWith(".d")) throw missing();
        const tar = pack();
        tar.entry({ name: "status" }, this.packages);
        tar.finalize();
        return Readable.from(tar);
      },
      remove: async () => undefined,
    }),
  } as unknown as Dockerode;

  private found(name: string): string {
    const id = this.idOf(name);
    if (!id) throw missing();
    return id;
  }
}
