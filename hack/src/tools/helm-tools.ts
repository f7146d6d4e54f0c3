import { type ToolContext, toolContext } from './context.ts';
import { helm3, helm4 } from './helm-products.ts';
import { provideProduct } from './provide-product.ts';

/**
 * Path of the `helm` of a major version, from our cache; downloaded or built first when it is not there.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE which says what was tried.
 */
export async function provideHelm(major: 3 | 4, context: ToolContext = toolContext()): Promise<string> {
  const { helm } = await provideProduct(context, major === 3 ? helm3 : helm4);
  return helm;
}
