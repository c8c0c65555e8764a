/** A specification file of the Container Device Interface (tags.cncf.io/container-device-interface, SPEC.md 1.1.0). */
export interface CdiSpec {
  readonly cdiVersion: string;
  /** `vendor/class`, such as `nvidia.com/gpu`. */
  readonly kind: string;
  readonly devices: readonly CdiDevice[];
  /** Made when any device of the file is asked for. */
  readonly containerEdits?: CdiEdits;
}

export interface CdiDevice {
  readonly name: string;
  readonly containerEdits: CdiEdits;
}

/** What a device changes in the configuration of a container. */
export interface CdiEdits {
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly CdiDeviceNode[];
  readonly mounts?: readonly CdiMount[];
  readonly hooks?: readonly CdiHook[];
  readonly additionalGids?: readonly number[];
  readonly intelRdt?: Readonly<Record<string, unknown>>;
  readonly netDevices?: readonly { readonly hostInterfaceName: string; readonly name: string }[];
}

export interface CdiDeviceNode {
  readonly path: string;
  /** Absent: `path`. */
  readonly hostPath?: string;
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  /** Of `r`, `w`, `m`; absent or empty: all, `none`: none. */
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly type?: string;
  readonly options?: readonly string[];
}

export interface CdiHook {
  readonly hookName: CdiHookName;
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

export const cdiHookNames = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;

export type CdiHookName = (typeof cdiHookNames)[number];
